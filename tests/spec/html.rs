//! Pages and mails as a browser reads them: their elements in order, with attributes and the text right behind each tag.

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{HtmlString, Token, Tokenizer};

/// A start tag and the text up to the next tag.
#[derive(Clone, Debug)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

pub struct Page(pub Vec<Element>);

impl Page {
    pub fn read(html: &str) -> Self {
        let text = |bytes: &HtmlString| String::from_utf8(bytes.0.clone()).unwrap();
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let mut elements: Vec<Element> = Vec::new();
        let mut is_open = false;
        for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
            match token {
                Token::StartTag(tag) => {
                    let attributes = tag.attributes.iter().map(|(key, value)| (text(key), text(value)));
                    elements.push(Element {
                        name: text(&tag.name),
                        attributes: attributes.collect(),
                        text: String::new(),
                    });
                    is_open = true;
                }
                Token::EndTag(_) => is_open = false,
                Token::String(words) => {
                    if let (true, Some(last)) = (is_open, elements.last_mut()) {
                        last.text.push_str(&text(&words));
                    }
                }
                Token::Comment(_) => {
                    elements.push(Element { name: "!--".into(), attributes: Vec::new(), text: String::new() })
                }
                Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        Self(elements)
    }

    /// Names of elements and of their attributes, in order: what no words of a person may change. What marks a fault is
    /// left out.
    pub fn shape(&self) -> Vec<String> {
        let line = |element: &Element| {
            let mut names: Vec<&str> = element.attributes.iter().map(|(name, _)| name.as_str()).collect();
            names.retain(|name| !name.starts_with("aria-"));
            names.sort_unstable();
            format!("{} {}", element.name, names.join(" "))
        };
        self.0.iter().map(line).collect()
    }

    /// Where the buttons lead that stand in place of links, each of which sends this form there to be kept.
    pub fn ways(&self, form: &str, keeps: &str) -> Vec<String> {
        let of = |element: &Element, name: &str| element.attribute(name).unwrap_or_default().to_owned();
        let ways = self.0.iter().filter(|element| of(element, "class").starts_with("way"));
        ways.map(|way| {
            assert_eq!(["form", "formaction", "name"].map(|name| of(way, name)), [form, keeps, "then"]);
            of(way, "value")
        })
        .collect()
    }

    /// The texts of all elements of this name (and class).
    pub fn texts(&self, name: &str, class: Option<&str>) -> Vec<&str> {
        let fits = |element: &&Element| {
            element.name == name && class.is_none_or(|class| element.attribute("class") == Some(class))
        };
        self.0.iter().filter(fits).map(|element| element.text.as_str()).collect()
    }

    /// What the field of this name holds.
    pub fn value(&self, name: &str) -> &str {
        let field = self.0.iter().find(|element| element.attribute("name") == Some(name));
        let field = field.unwrap_or_else(|| panic!("no field {name}"));
        // A browser drops the first line break of a textarea (HTML, 13.2.6.4.7).
        if field.name == "textarea" {
            field.text.strip_prefix('\n').unwrap_or(&field.text)
        } else {
            field.attribute("value").unwrap_or_default()
        }
    }
}

/// Whether the first list is the second with some left out.
pub fn is_part(of_it: &[String], whole: &[String]) -> bool {
    let mut rest = whole.iter();
    of_it.iter().all(|line| rest.any(|other| other == line))
}

//! A page as somebody meets it who has no mouse: Tab leads to everything that can be used, in the order in which it is
//! read, shows where it is, and leads out again.

use serde_json::{Value, json};

use crate::browser::Browser;

/// What can be used, as the page is now; of a group of choices one, as browsers have it. Focus begins before all of it.
const BEGIN: &str = "
    const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex=\"0\"]')];
    const group = e => all.filter(o => o.type === 'radio' && o.name === e.name && o.form === e.form);
    const chosen = e => group(e).find(o => o.checked) || group(e)[0];
    const usable = all.filter(e => e.checkVisibility({ visibilityProperty: true }) && !e.disabled && e.tabIndex >= 0
        && (e.type !== 'radio' || chosen(e) === e));
    const start = document.createElement('span');
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus();
    const outlined = e => { const s = getComputedStyle(e); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; };
    const walk = { start, usable, met: [] };
    walk.meet = ({ target }) => target === start || walk.met.push([usable.indexOf(target), outlined(target), target.outerHTML.slice(0, 120)]);
    document.addEventListener('focusin', walk.meet);
    window.walk = walk;
    return usable.length;";

const END: &str = "
    document.removeEventListener('focusin', walk.meet);
    walk.start.remove();
    // What the focus brought into sight must not lie over what is pressed next.
    document.activeElement.blur();
    const missed = walk.usable.filter((_, i) => !walk.met.some(([met]) => met === i)).map(e => e.outerHTML.slice(0, 120));
    return [walk.met, missed];";

impl Browser {
    /// Presses Tab from the top of the page to its end.
    pub async fn is_used_by_keyboard(&self, page: &str) {
        let usable = self.script(BEGIN).await.as_u64().unwrap();
        assert!(usable > 2, "{page}: {usable}");
        // A date takes three presses: day, month, year.
        for press in 0..usable * 4 {
            self.press_tab().await;
            if press % 8 == 7 && self.script("return new Set(walk.met.map(([met]) => met)).size").await == json!(usable)
            {
                break;
            }
        }
        let walked = self.script(END).await;
        let missed = walked[1].as_array().unwrap();
        assert!(missed.is_empty(), "{page}: Tab does not lead to {missed:#?}");
        let steps = walked[0].as_array().unwrap().iter().enumerate();
        for (expected, step) in steps.take(usize::try_from(usable).unwrap()) {
            let (place, is_outlined, what) = (&step[0], &step[1], &step[2]);
            assert_eq!(*place, json!(expected), "{page}: out of the order of the page: {what}");
            assert_eq!(*is_outlined, Value::Bool(true), "{page}: nobody sees that the focus is on {what}");
        }
    }

    /// Whoever presses Tab once when a page has just come is there.
    pub async fn is_one_tab_before(&self, css: &str) {
        self.is_complete().await;
        self.press_tab().await;
        let script =
            format!("return document.activeElement.matches({css:?}) || document.activeElement.outerHTML.slice(0, 120)");
        assert_eq!(self.script(&script).await, json!(true), "the first Tab leads to {css}");
    }

    async fn press_tab(&self) {
        for kind in ["keyDown", "keyUp"] {
            let key = json!({ "type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9 });
            self.devtools("Input.dispatchKeyEvent", &key).await;
        }
    }

    /// Alt with a key. What the letter is without Alt tells the page which access key it is; a window passes it along too.
    async fn presses_access_key(&self, letter: char) {
        const ALT: u8 = 1;
        let code = u32::from(letter.to_ascii_uppercase());
        for kind in ["keyDown", "keyUp"] {
            let key = json!({ "type": kind, "modifiers": ALT, "key": letter, "unmodifiedText": letter, "windowsVirtualKeyCode": code });
            self.devtools("Input.dispatchKeyEvent", &key).await;
        }
    }

    /// An access key leads to another page.
    pub async fn is_sent_by(&self, letter: char) {
        self.marks_this_page().await;
        self.presses_access_key(letter).await;
        self.has_left(&format!("Alt and {letter}")).await;
    }

    /// An access key moves the focus there.
    pub async fn is_led_by(&self, letter: char, css: &str) {
        self.presses_access_key(letter).await;
        let script = format!("return document.activeElement === document.querySelector({css:?})");
        assert_eq!(self.script(&script).await, json!(true), "Alt and {letter} lead to {css}");
    }
}

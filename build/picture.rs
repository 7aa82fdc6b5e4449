//! The picture that stands beside a link to the site elsewhere (Open Graph): the drawing of the home page, in its colours,
//! as a PNG of 1200 by 630. It holds no text, so it needs no fonts and suits every clinic.

use std::path::Path;
use std::{fs, io};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// Where the parts of the picture stand.
const FRAME: &str = "static/share.svg";
const DRAWINGS: &str = "templates/pages/drawings.html";
const STYLE: &str = "static/reading.css";
const TOKENS: &str = "static/tokens.css";

/// Writes `share.png`.
pub fn draw(root: &Path, out: &Path) -> io::Result<()> {
    let read = |path: &str| {
        println!("cargo::rerun-if-changed={path}");
        fs::read_to_string(root.join(path)).map_err(|error| io::Error::other(format!("{path}: {error}")))
    };
    let (frame, drawings, style, tokens) = (read(FRAME)?, read(DRAWINGS)?, read(STYLE)?, read(TOKENS)?);
    let (back, hand) = (drawing(&drawings, "back")?, drawing(&drawings, "hand")?);
    let hands = drawing(&drawings, "hands")?.replace("{% call hand() %}{% endcall %}", hand);
    let style: String = style.lines().filter(|line| line.starts_with(".d-")).collect();
    let svg = frame.replace("{style}", &style).replace("{back}", back).replace("{hands}", &hands);
    fs::write(out.join("share.png"), paint(&with_colours(svg, &tokens))?)
}

/// What stands in a macro of the drawings.
fn drawing<'t>(drawings: &'t str, name: &str) -> io::Result<&'t str> {
    let start = format!("{{% macro {name}() %}}");
    let found = drawings.split_once(&start).and_then(|(_, rest)| rest.split_once("{% endmacro %}"));
    let missing = || io::Error::other(format!("{DRAWINGS} has no macro `{name}`, which {FRAME} shows"));
    found.map(|(inside, _)| inside).ok_or_else(missing)
}

/// Puts the values of the light scheme, which comes first, in the place of `var(--name)`.
fn with_colours(mut svg: String, tokens: &str) -> String {
    while let Some((before, name, after)) = svg
        .split_once("var(")
        .and_then(|(before, rest)| rest.split_once(')').map(|(name, after)| (before, name, after)))
    {
        let value = tokens.split_once(&format!("{name}: ")).and_then(|(_, rest)| rest.split_once(';'));
        svg = format!("{before}{}{after}", value.map_or("none", |(value, _)| value));
    }
    svg
}

fn paint(svg: &str) -> io::Result<Vec<u8>> {
    let tree = Tree::from_str(svg, &Options::default()).map_err(io::Error::other)?;
    let size = tree.size().to_int_size();
    let too_big = || io::Error::other("the picture has no size");
    let mut pixmap = Pixmap::new(size.width(), size.height()).ok_or_else(too_big)?;
    resvg::render(&tree, Transform::default(), &mut pixmap.as_mut());
    pixmap.encode_png().map_err(io::Error::other)
}

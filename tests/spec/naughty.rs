//! Strings that break programs: the 515 of the Big List of Naughty Strings, and our own for what we do with words: pages,
//! mails, cells, searches.

pub use naughty_strings::BLNS;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// Words that would change the structure of what they are put into, if anybody forgot to quote them.
const BREAKERS: [&str; 44] = [
    "</textarea>",
    "</title>",
    "</bdi>",
    "</div>",
    "</td></tr></table>",
    "-->",
    "<!--",
    "]]>",
    "<![CDATA[",
    "<?xml",
    "\"><img src=x onerror=alert(1)>",
    "' autofocus onfocus='alert(1)",
    "\" style=\"position:fixed",
    "<script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0>",
    "&lt;b&gt;",
    "&#38;",
    "&amp;amp;",
    "&nbsp;",
    "&notin",
    "&#0;",
    "&#x110000;",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "{# #}",
    "${7*7}",
    "#{7*7}",
    "<%= 7 %>",
    "[[x]]",
    "%(x)s",
    "%s%n%x",
    "{0}",
    "${jndi:ldap://x}",
    "'; DROP TABLE inquiry; --",
    "%' OR '1'='1",
    "\\",
    "\\\"",
    "`id`",
    "$(id)",
    "../../etc/passwd",
    "?q=1&r=2#x+y%00%0d%0a%u0000",
];

/// First characters that make a spreadsheet compute.
const RISKY: [&str; 10] = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "'", "\t"];

/// Characters that are seen by nobody, or that turn others round.
const UNSEEN: [char; 30] = [
    '\u{61c}',
    '\u{200e}',
    '\u{200f}',
    '\u{202a}',
    '\u{202b}',
    '\u{202c}',
    '\u{202d}',
    '\u{202e}',
    '\u{2066}',
    '\u{2067}',
    '\u{2068}',
    '\u{2069}',
    '\u{200b}',
    '\u{200c}',
    '\u{200d}',
    '\u{2060}',
    '\u{feff}',
    '\u{ad}',
    '\u{34f}',
    '\u{180e}',
    '\u{2028}',
    '\u{2029}',
    '\u{fff9}',
    '\u{fdd0}',
    '\u{fffe}',
    '\u{ffff}',
    '\u{10ffff}',
    '\u{e000}',
    '\u{e0041}',
    '\u{fe0f}',
];

const SPACES: [char; 9] =
    ['\u{a0}', '\u{1680}', '\u{2003}', '\u{2009}', '\u{202f}', '\u{205f}', '\u{3000}', ' ', '\u{2800}'];

/// Pairs that look alike and must not be made equal, and letters that change their length when folded.
const SCRIPTS: [&str; 36] = [
    "é",
    "e\u{301}",
    "Å",
    "A\u{30a}",
    "\u{212b}",
    "ﬁ",
    "㎏",
    "ℌ",
    "ẛ\u{323}",
    "ß",
    "ẞ",
    "İ",
    "ı",
    "ς",
    "Σ",
    "ŉ",
    "ǰ",
    "K",
    "שלום עולם",
    "مرحبا بالعالم",
    "สวัสดี",
    "नमस्ते",
    "안녕",
    "\u{1112}\u{1161}\u{11ab}",
    "𠜎𠜱𠝹",
    "བོད",
    "ᠮᠣᠩᠭᠣᠯ",
    "𒀀𒁀",
    "١٢٣",
    "१२३",
    "👩‍🦽",
    "🏳️‍🌈",
    "🇩🇪🇫🇷",
    "Z\u{351}\u{36b}\u{343}a\u{300}l\u{321}g\u{322}o",
    "ᚠᛇᚻ",
    "Ω≈ç√∫",
];

/// What mail has rules about; each is more than one line, so it goes into messages only.
const MAILISH: [&str; 24] = [
    "x\r\nBcc: evil@example.org",
    "x\nSubject: other",
    "\r\n\r\nbody",
    "a\n.\nb",
    "\n.\n",
    ".",
    "..",
    "a\nFrom me\n>From you",
    "=3D=20=",
    "soft=\nbreak",
    "=?utf-8?B?eA==?=",
    "--part-0\nContent-Type: text/html\n\n<b>x</b>",
    "ends with spaces  \n\t\nx",
    "two\n\n\n\n\nempty",
    "a\rb\r\nc\nd",
    "\n\nbegins empty",
    "ends empty\n\n",
    "tab\tin\tit",
    "begin 644 x\n#``\nend",
    "WHO WROTE\nName: somebody else",
    "-- \nnot a signature",
    "\u{feff}mark",
    "a\u{2028}b",
    "=\r\n=0D=0A",
];

/// Our own strings of one line.
pub fn own() -> Vec<String> {
    let mut all = Vec::new();
    for (number, breaker) in BREAKERS.into_iter().enumerate() {
        let word = canary(number);
        all.extend([format!("{breaker}{word}"), format!("{word} {breaker} b"), format!("{word}{breaker}")]);
    }
    for risky in RISKY {
        for tail in ["1+1", "SUM(A1:A9)", "cmd|'/c calc'!A0", "HYPERLINK(\"http://evil.example\")"] {
            all.push(format!("{risky}{tail}"));
        }
    }
    for unseen in UNSEEN {
        all.extend([format!("{unseen}a"), format!("a{unseen}b"), format!("a{unseen}")]);
    }
    for space in SPACES {
        all.extend([format!("{space}a{space}{space}b{space}"), format!("a{space}b")]);
    }
    all.extend(SCRIPTS.map(str::to_owned));
    all.extend([
        "x".repeat(100),
        "ä".repeat(100),
        "👩".repeat(100),
        "x".repeat(101),
        "\"".repeat(100),
        ",;\t|".repeat(20),
    ]);
    all
}

/// Our own strings for messages, notes and replies.
pub fn own_of_many_lines() -> Vec<String> {
    let mut all: Vec<String> = MAILISH.map(str::to_owned).to_vec();
    all.extend(["x".repeat(5_000), "🙂".repeat(1_200), format!("{} end", "word ".repeat(300)), "ü".repeat(998)]);
    all
}

/// Strings that nobody thought of: any characters but NUL, which no page can show. The same at every run.
pub fn random(count: usize) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let mut next = || "[^\0]{0,60}".new_tree(&mut runner).unwrap().current();
    (0..count).map(|_| next()).collect()
}

/// A word that stands in no log but by mistake.
pub fn canary(number: usize) -> String {
    format!("Kanarienwort{number}")
}

import CertKit
import Testing

@Suite struct PrintableTextTests {
    @Test(arguments: [
        ("a\nb\r\tc", #"a\nb\r\tc"#), ("a\r\nb", #"a\r\nb"#), ("\u{1B}[2Jgone", #"\u{1B}[2Jgone"#),
        ("\0\u{7F}\u{9B}", #"\u{0}\u{7F}\u{9B}"#), ("a\u{2028}b\u{2029}", #"a\u{2028}b\u{2029}"#),
        ("moc.\u{202E}elgoog\u{202C}", #"moc.\u{202E}elgoog\u{202C}"#), ("\u{202A}\u{202D}", #"\u{202A}\u{202D}"#),
        ("\u{2066}\u{2069}\u{200E}\u{200F}\u{61C}", #"\u{2066}\u{2069}\u{200E}\u{200F}\u{61C}"#),
        ("pay\u{AD}pal\u{200B}\u{FEFF}", #"pay\u{AD}pal\u{200B}\u{FEFF}"#),
        ("\u{E0041}\u{FFFE}", #"\u{E0041}\u{FFFE}"#),
        ("e\u{301}\u{202E}", "e\u{301}\\u{202E}"),
    ])
    func `what could deceive a terminal or a log is escaped`(hostile: String, shown: String) {
        #expect(hostile.printable == shown)
    }

    @Test(arguments: [
        "", "pbx.example.com", "CN=Müller & Söhne\\, Köln", "العربية", "日本語", "می\u{200C}خواهم", "क्\u{200D}ष",
        "e\u{301}",
        "🔐", "\u{FFFD}", "a|b",
    ])
    func `ordinary text in any script stays as it is`(text: String) {
        #expect(text.printable == text)
    }

    @Test func `plugin output can have its separator escaped as well`() {
        #expect("a|b\nc".printable(escaping: ["|"]) == #"a\u{7C}b\nc"#)
    }
}

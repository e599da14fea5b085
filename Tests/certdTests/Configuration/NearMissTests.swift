import Testing

@testable import certd

@Suite struct NearMissTests {
    @Test(arguments: [
        ("", "", 0), ("abc", "abc", 0), ("abc", "abd", 1), ("abc", "ab", 1), ("ab", "abc", 1), ("abc", "acb", 1),
        ("abc", "", 3), ("kitten", "sitting", 3), ("example", "exmaple", 1), ("ca", "abc", 3),
    ])
    func `a letter too many, too few, wrong or swapped counts as one`(left: String, right: String, distance: Int) {
        #expect(editDistance(left, right) == distance)
    }

    @Test(
        arguments: [
            ("pbx.exmaple.com", "pbx.example.com"), ("pbx.example.org", "pbx.example.com"), ("pxb", "pbx"),
            ("mail.example.net", nil), ("", nil), ("xyz", nil),
        ] as [(String, String?)])
    func `only what is near is suggested`(text: String, suggestion: String?) {
        #expect(nearest(to: text, among: ["www.example.com", "pbx.example.com", "pbx"]) == suggestion)
    }

    @Test func `of two as near the first by name is suggested`() {
        #expect(nearest(to: "webc", among: ["webb", "weba"]) == "weba")
    }
}

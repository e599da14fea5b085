import Testing

@testable import HAProxyKit

@Suite struct ConfigurationLineTests {
    @Test(
        arguments: [
            ("", []), ("   \t", []), ("# bind", []), ("  bind :443 # ssl", ["bind", ":443"]), ("bind#x", ["bind"]),
            (#"crt "a b.pem""#, ["crt", "a b.pem"]), ("crt 'a b.pem'", ["crt", "a b.pem"]),
            (#"crt a\ b.pem"#, ["crt", "a b.pem"]),
            (#"crt 'a\x62"#, ["crt", #"a\x62"#]), (#"a\x62 "\x63" \x6"#, ["ab", "c", #"\x6"#]),
            (##"\#1 "\#" '\#'"##, ["#1", "#", ##"\#"##]), (#""it's" 'say "x"'"#, ["it's", #"say "x""#]),
            (#"\"a \'b "\"c" "\'d""#, [#""a"#, "'b", #""c"#, "'d"]), (#"a\\b '\\' \1"#, [#"a\b"#, #"\\"#, #"\1"#]),
            (#"one"two"'three'four"#, ["onetwothreefour"]), (#"crt "" '' x"#, ["crt", "", "", "x"]),
            ("a\tb\r", ["a", "b"]), (#"a\"#, [#"a\"#]), (#"$HOME '$HOME' "\$HOME""#, ["$HOME", "$HOME", "$HOME"]),
        ] as [(String, [String])])
    func `a line is cut into words by HAProxy's rules`(text: String, words: [String]) {
        let line = ConfigurationLine(text.utf8, file: "haproxy.cfg", number: 1)
        #expect(line.words.map(\.text) == words)
        #expect(line.words.allSatisfy { !$0.holdsVariable })
    }

    @Test func `a variable is known by its double quotes`() {
        let line = ConfigurationLine(#"bind "${IP}:443" '$x' $y "$z""#.utf8, file: "haproxy.cfg", number: 1)
        #expect(line.words.map(\.holdsVariable) == [false, true, false, false, true])
        #expect(line.words[1].text == "${IP}:443")
    }
}

import CertKit
import TestSupport
import Testing

@testable import HAProxyKit

/// HAProxy's answers changed at random: none ends certd, none tells a key, and none is taken for a success that is none.
@Suite(.endsGuidedFuzzing) struct AnswerFuzzTests {
    private static let secret = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgcert"

    /// The first line of a file of `Tests/Fuzz/haproxy` is the command, the rest what HAProxy answered.
    private func parts(_ input: [UInt8]) -> (command: String, answer: String) {
        let command = input.prefix { $0 != UInt8(ascii: "\n") }
        return (
            String(decoding: command, as: UTF8.self),
            String(decoding: input.dropFirst(command.count + 1), as: UTF8.self)
        )
    }

    /// Whether the command itself, which is repeated in errors, has come to hold some of it.
    private func saysPartOfSecret(_ command: String) -> Bool {
        let letters = Array(Self.secret)
        return letters.indices.dropLast(7).contains { command.contains(String(letters[$0..<$0 + 8])) }
    }

    private func fuzzer(runsPerSecond: Int) throws -> Fuzzer {
        try Fuzzer(
            "haproxy", runsPerSecond: runsPerSecond,
            words: [
                "Success!\n", "Committing site.pem\n", "Transaction created for certificate site.pem!\n",
                "Unknown command", "\(Self.secret)\n", "[failed: 1]", "99999999999999999999", "-1", "\r", "\0",
                "\u{202E}",
                "\u{1B}[2J", "Not found or the certificate is a bundle!\n", "# filename\n", "0d00h00m00s", "99999d",
                "\"", "\\", "${",
            ])
    }

    @Test func `whatever HAProxy answers, it is read or refused, and no line of a key is told`() throws {
        try fuzzer(runsPerSecond: 2_000).run { input, name in
            let (command, text) = parts(input)
            let answer = RuntimeAnswer(text)
            for line in text.utf8.split(separator: UInt8(ascii: "\n")) { _ = CrtListEntry(line) }
            var parser = ConfigurationParser(paths: PathMap())
            for (number, line) in text.utf8.split(separator: UInt8(ascii: "\n")).enumerated() where command != "crt" {
                parser.take(ConfigurationLine(line, file: "haproxy.cfg", number: number + 1))
            }
            let told = answer.excerpt(answering: command)
            #expect(told.count <= 200 && told.printable == told, "\(name): \(told)")
            if !saysPartOfSecret(command) { #expect(!told.contains(Self.secret.prefix(16)), "\(name)") }
            return HAProxyProcess(answer) != nil || LoadedCertificate(answer) != nil || MasterProcesses(answer) != nil
        }
    }

    @Test func `a changed answer passes for success only where it says so in HAProxy's own words`() async throws {
        let pem = SecretBytes(copying: Array("-----BEGIN CERTIFICATE-----\n".utf8).span)
        for verb in ["set", "commit"] {
            let fuzzer = try fuzzer(runsPerSecond: 300)
            var understood = 0
            for (input, name) in try fuzzer.inputs() {
                let answer = parts(input).answer
                let known = [
                    "show info": "Version: 3.4.0\nPid: 7\nUptime_sec: 9\n\n",
                    "set": "Transaction created for certificate site.pem!\n\n",
                    "commit": "Committing site.pem\nSuccess!\n\n",
                    "abort": "Transaction aborted for certificate 'site.pem'!\n\n",
                ].merging([verb: answer]) { $1 }
                let api = RuntimeAPI(path: "admin.sock") { command, _ in
                    if command.hasPrefix("abort ssl cert /certd/asks") { return "No ongoing transaction!\n\n" }
                    return known.first { command.hasPrefix($0.key) }?.value ?? "Unknown command\n\n"
                }
                do throws(RuntimeError) {
                    try await api.replaceCertificate(named: "site.pem", with: pem)
                } catch {
                    let report = "\(error)\(error.remedy)"
                    #expect(!report.contains(Self.secret.prefix(16)), "\(name)")
                    continue
                }
                let lines = answer.unicodeScalars.split(separator: "\n").map(String.init)
                let proof = verb == "set" ? "Transaction created for certificate site.pem!" : "Success!"
                #expect(verb == "set" ? lines.contains(proof) : lines.last == proof, "\(name): \(answer)")
                understood += 1
            }
            fuzzer.report(understood: understood)
        }
    }
}

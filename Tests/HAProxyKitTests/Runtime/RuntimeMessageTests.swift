import CertKit
import Synchronization
import TestSupport
import Testing

@testable import HAProxyKit

@Suite struct RuntimeMessageTests {
    @Test(arguments: [
        "", "a b", "a\tb", "a\nshow info", "a\rb", "a;show info", "a<<", "a\\ b", "*site.pem", "a\0b", "a\u{7f}b",
        "a\u{1b}[2J",
    ])
    func `a name that HAProxy would take for something else is never sent`(name: String) async {
        let api = RuntimeAPI(path: "s") { command, _ throws(RuntimeError) in
            Issue.record("sent: \(command)")
            throw .closed(socket: "s", command: command)
        }
        let error = RuntimeError.unspeakable(word: name)
        await #expect(throws: error) { try await api.certificate(named: name) }
        await #expect(throws: error) { try await api.abortTransaction(named: name) }
        await #expect(throws: error) { try await api.replaceCertificate(named: name, with: pemText(bytes: 130)) }
        await #expect(throws: error) {
            try await api.createCertificate(named: "a", in: name, with: pemText(bytes: 130))
        }
        #expect(error.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f })
    }

    @Test(arguments: ["/etc/haproxy/certs/site.pem", "@store/alias", "@/alias", "/etc/ssl/müller.pem"])
    func `a name as HAProxy has them is one word`(name: String) throws {
        #expect(try command("show ssl cert", name) == "show ssl cert \(name)")
    }

    @Test(arguments: [
        ("", 1), ("\n", 1), ("\nA\n", 1), ("A\n\nB\n", 2), ("A\nB\n\n", 3), ("A\r\nB\r\n", 1), ("A\nB\rC\n", 2),
        ("A\n\0\n", 2), ("A\nB\tC\n", 2), ("A\nä\n", 2),
    ])
    func `a payload that HAProxy would end early or run as commands is never sent`(text: String, line: Int) async {
        let api = RuntimeAPI(path: "s") { command, _ throws(RuntimeError) in
            Issue.record("sent: \(command)")
            throw .closed(socket: "s", command: command)
        }
        let payload = SecretBytes(copying: Array(text.utf8).span)
        await #expect(throws: RuntimeError.unsendable(command: "set ssl cert a", line: line)) {
            try await api.replaceCertificate(named: "a", with: payload)
        }
        #expect(throws: RuntimeError.unsendable(command: "set ssl cert a", line: line)) {
            try RuntimeMessage(command: "set ssl cert a", payload: payload)
        }
    }

    @Test(arguments: ["show info\n", "show info; show stat", "set ssl cert a <<", "show\0info"])
    func `a command that would be more than one is never sent`(command: String) {
        #expect(throws: RuntimeError.unspeakable(word: command)) {
            try RuntimeMessage(command: command, payload: nil)
        }
    }

    @Test(arguments: ["site.pem.key", "site.pem.ocsp", "site.pem.issuer", "site.pem.sctl"])
    func `companions of a certificate are not updated`(name: String) async {
        let api = RuntimeAPI(path: "s") { command, _ throws(RuntimeError) in
            Issue.record("sent: \(command)")
            throw .closed(socket: "s", command: command)
        }
        await #expect(throws: RuntimeError.notUpdatable(name: name)) {
            try await api.replaceCertificate(named: name, with: pemText(bytes: 130))
        }
    }
}

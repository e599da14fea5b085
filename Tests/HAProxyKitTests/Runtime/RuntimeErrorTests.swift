import CertKit
import SystemPackage
import Testing

@testable import HAProxyKit

@Suite struct RuntimeErrorTests {
    static let all: [RuntimeError] = [
        .absent(socket: "/s"), .refused(socket: "/s"), .forbidden(socket: "/s"), .unusablePath(socket: "/s"),
        .failed(socket: "/s", reason: .tooManyOpenFiles),
        .silent(socket: "/s", command: "show info", after: .seconds(5), received: 0),
        .closed(socket: "/s", command: "show info"), .cutOff(socket: "/s", command: "show info", received: 3),
        .endless(socket: "/s", command: "show info", limit: 9), .unspeakable(word: "a b"), .notUpdatable(name: "a.key"),
        .unsendable(command: "set ssl cert a", line: 2),
        .tooLarge(name: "a", size: 9, limit: 8, version: HAProxyVersion(2, 6)),
        .tooOld(socket: "/s", version: HAProxyVersion(2, 0)), .levelTooLow(socket: "/s", command: "show info"),
        .unknownName("a", socket: "/s"), .alreadyExists("a", socket: "/s"),
        .foreignTransaction(name: "a", wanted: "b", socket: "/s"), .transactionLost(name: "a", socket: "/s"),
        .locked(socket: "/s"), .rejected(name: "a", answer: "no", socket: "/s"),
        .notListed(name: "a", crtList: "/l", answer: "no", socket: "/s"),
        .notUnderstood(socket: "/s", command: "show info", answer: "what"),
    ]

    @Test(arguments: all)
    func `every error says what is wrong and what to do`(error: RuntimeError) {
        for text in [error.description, error.remedy] {
            #expect(text.count > 10)
            #expect(!text.hasSuffix("."))
            #expect(text.first?.isUppercase == false || text.hasPrefix("HAProxy"))
        }
        #expect(error.isDown == [.absent(socket: "/s"), .refused(socket: "/s")].contains(error))
        if let location = error.location { #expect(error.description.contains(location)) }
    }

    @Test(arguments: [
        // HAProxy 3.x quotes what it takes for a command.
        ("Unknown command: 'MC4CAQAwBQYDK2VwBCIEIA', but maybe one of the following\n", "unknown command"),
        ("unable to load MC4CAQAwBQYDK2VwBCIEIA\n", "unable to load …"),
        ("'MC4CAQAwBQYDK2VwBCIEIA==' is bad\n", "… is bad"),
        // A word of the command may stand in base64 by chance.
        ("unable to load MC4CAQAwcertYDK2VwBCIEIA\n", "unable to load …"),
        ("Transaction created\nUnknown command: 'c2hvcnQ='\n", "Transaction created"),
        ("Can't update /a/rather/long/path/site.pem!\n", "Can't update /a/rather/long/path/site.pem!"),
        ("Committing x\nFailed!\n", "Failed!"), ("\u{1b}[2Jgone\r\n", "\\u{1B}[2Jgone\\r"), ("", "nothing"),
        ("one\ntwo\nthree\nfour\n", "one; two; three"),
        (String(repeating: "word ", count: 99), String(repeating: "word ", count: 40)),
    ])
    func `an answer is told without what could be of a key`(answer: String, told: String) {
        let command = "set ssl cert /a/rather/long/path/site.pem"
        #expect(RuntimeAnswer(answer).excerpt(answering: command) == told)
    }
}

import CertKit
import SystemPackage
import TestSupport
import Testing

@testable import HAProxyKit

/// What versions answer that are not installed here, through a scripted socket.
@Suite struct RuntimeAnswerTests {
    static let name = "/etc/haproxy/certs/site.pem"
    static let other = "/etc/haproxy/certs/other.pem"
    /// What is asked to learn which transaction is open.
    static let question = "abort ssl cert /certd/asks/which/transaction/is/open"
    static let aborted = "Transaction aborted for certificate '\(name)'!\n\n"
    static let about = "The ongoing transaction is about '\(other)' but you are trying to"

    enum Outcome: Sendable {
        case success
        case failure(@Sendable (_ socket: String) -> RuntimeError)
        case rejected(String)
    }

    @Test(arguments: [
        ("2.6.12", "Transaction created for certificate \(name)!\n\n", Outcome.success),
        ("3.4.0", "A warning about the chain\nTransaction created for certificate \(name)!\n\n", .success),
        (
            "2.6.12",
            "Can't replace a certificate which is not referenced by the configuration!\nCan't update \(name)!\n\n",
            .failure { .unknownName(name, socket: $0) }
        ),
        (
            "3.0.11",
            "unable to load certificate from file '\(name)'\nCan't load the payload\nCan't update \(name)!\n\n",
            .rejected("unable to load certificate from file '\(name)'; Can't load the payload; Can't update \(name)!")
        ),
        (
            "3.2.0", "\(about) set '\(name)'\nCan't update \(name)!\n\n",
            .failure { .foreignTransaction(name: other, wanted: name, socket: $0) }
        ),
        (
            "3.0.0", "Transaction updated for certificate \(other)!\n\n",
            .failure { .foreignTransaction(name: other, wanted: name, socket: $0) }
        ),
        (
            "3.2.0", "Transaction updated for certificate \(name)!\n\n",
            .failure { .foreignTransaction(name: name, wanted: name, socket: $0) }
        ),
        (
            "2.6.12", "Transaction created for certificate \(other)!\n\n",
            .failure { .foreignTransaction(name: other, wanted: name, socket: $0) }
        ),
        ("2.6.12", "Operations on certificates are currently locked!\n\n", .failure { .locked(socket: $0) }),
        (
            "2.6.12", "Permission denied\n\n",
            .failure { .levelTooLow(socket: $0, command: "set ssl cert \(name)") }
        ),
        ("2.6.12", "\n", .rejected("nothing")),
    ])
    func `set is believed only when it created the transaction asked for`(
        version: String, answer: String, outcome: Outcome
    ) async throws {
        try await expect(outcome, version: version, answers: ["set ssl cert": answer])
    }

    @Test(arguments: [
        ("2.6.12", "Committing \(name).\nSuccess!\n\n", Outcome.success),
        ("3.4.0", "Committing \(name)......\nsome warning\nSuccess!\n\n", .success),
        (
            "2.6.12", "No ongoing transaction! !\nCan't commit \(name)!\n\n",
            .failure { .transactionLost(name: name, socket: $0) }
        ),
        (
            "2.6.12",
            "inconsistencies between private key and certificate loaded '\(name)'.\nCan't commit \(name)!\n\n",
            .rejected(
                "inconsistencies between private key and certificate loaded '\(name)'.; Can't commit \(name)!")
        ),
        (
            "3.0.11",
            "The transaction must contain at least a certificate and a private key!\nCan't commit \(name)!\n\n",
            .rejected(
                "The transaction must contain at least a certificate and a private key!; Can't commit \(name)!")
        ),
        ("3.3.0", "Committing \(name)\nFailed!\n\n", .rejected("Failed!")),
        ("3.3.0", "Committing \(name)\nSuccess!\nFailed!\n\n", .rejected("Success!; Failed!")),
        ("2.6.12", "Committing \(other)\nSuccess!\n\n", .rejected("Success!")),
        ("2.6.12", "Success!\n\n", .rejected("Success!")),
        (
            "2.6.12", "\(about) set '\(name)'\nCan't commit \(name)!\n\n",
            .failure { .foreignTransaction(name: other, wanted: name, socket: $0) }
        ),
    ])
    func `commit is believed only by its last line`(
        version: String, answer: String, outcome: Outcome
    ) async throws {
        try await expect(
            outcome, version: version,
            answers: [
                "set ssl cert": "Transaction created for certificate \(Self.name)!\n\n", "commit ssl cert": answer,
            ])
    }

    @Test func `an answer broken off anywhere never passes for success`() async throws {
        let answers = [
            "show info": "Version: 2.6.12\nPid: 7\nUptime_sec: 9\n\n", Self.question: "No ongoing transaction!\n\n",
            "set ssl cert": "Transaction created for certificate \(Self.name)!\n\n",
            "commit ssl cert": "Committing \(Self.name)\nSuccess!\n\n",
        ]
        for (command, whole) in answers {
            for length in 0..<whole.utf8.count {
                let server = try Server(answers, version: "2.6.12", cut: (command, length))
                await #expect(throws: RuntimeError.self, "\(command) cut after \(length) bytes") {
                    try await server.api.replaceCertificate(named: Self.name, with: pemText(bytes: 130))
                }
                if command.hasSuffix("ssl cert") { #expect(server.commands.last == "abort ssl cert \(Self.name)") }
                if command == Self.question { #expect(!server.commands.contains { $0.hasPrefix("set") }) }
            }
        }
    }

    @Test(arguments: [(14_000, [question]), (16_000, ["show info", question])])
    func `a process that answered a moment ago is asked again only for what another version may not take`(
        bytes: Int, commands: [String]
    ) async throws {
        let server = try Server([:], version: "3.4.0")
        let process = try await server.api.processInfo()

        let prepared = try await server.api.prepare(Self.name, with: pemText(bytes: bytes), into: process)

        #expect(prepared.process == process)
        #expect(server.commands == ["show info"] + commands)
    }

    @Test(arguments: [
        ("3.4.0", 16_000, true), ("3.4.0", 122_000, true), ("3.4.0", 123_000, false), ("3.4-dev3", 16_000, false),
        ("3.2.0", 16_000, false), ("2.6.12", 15_000, true),
    ])
    func `how large a payload may be depends on the version`(version: String, bytes: Int, fits: Bool) async throws {
        let server = try Server(
            ["set ssl cert": "Transaction created for certificate \(Self.name)!\n\n"], version: version)
        if fits {
            try await server.api.replaceCertificate(named: Self.name, with: pemText(bytes: bytes))
        } else {
            await #expect(throws: RuntimeError.self) {
                try await server.api.replaceCertificate(named: Self.name, with: pemText(bytes: bytes))
            }
            #expect(server.commands == ["show info"])
        }
    }

    @Test(arguments: ["1.8.30", "2.0.31", "2.1.12"])
    func `a HAProxy older than 2.2 is asked for nothing else`(version: String) async throws {
        let unknown = "Unknown command. Please enter one of the following commands only :\n  help\n\n"
        let server = try Server(["show ssl cert": unknown], version: version)
        let tooOld = try RuntimeError.tooOld(
            socket: server.api.path, version: #require(HAProxyVersion(version)))
        await #expect(throws: tooOld) {
            try await server.api.replaceCertificate(named: Self.name, with: pemText(bytes: 130))
        }
        #expect(server.commands == ["show info"])
        await #expect(throws: tooOld) { try await server.api.certificateNames() }
        await #expect(throws: tooOld) { try await server.api.certificate(named: Self.name) }
    }

    @Test func `show ssl cert below level operator is a matter of permission`() async throws {
        let server = try Server(["show ssl cert": "Can't allocate memory!\n\n"], version: "2.6.12")
        await #expect(throws: RuntimeError.levelTooLow(socket: server.api.path, command: "show ssl cert")) {
            try await server.api.openTransaction()
        }
    }

    private func expect(_ outcome: Outcome, version: String, answers: [String: String]) async throws {
        let server = try Server(answers, version: version)
        func replace() async throws(RuntimeError) {
            try await server.api.replaceCertificate(named: Self.name, with: pemText(bytes: 130))
        }
        switch outcome {
        case .success:
            try await replace()
            #expect(server.commands.last == "commit ssl cert \(Self.name)")
            return
        case .failure(let error): await #expect(throws: error(server.api.path)) { try await replace() }
        case .rejected(let answer):
            await #expect(
                throws: RuntimeError.rejected(name: Self.name, answer: answer, socket: server.api.path)
            ) { try await replace() }
        }
        #expect(server.commands.last == "abort ssl cert \(Self.name)")
    }
}

/// A scripted socket that answers each command by its beginning, and `show info` with the version.
private final class Server: Sendable {
    let api: RuntimeAPI
    private let socket: ScriptedSocket

    init(_ answers: [String: String], version: String, cut: (command: String, length: Int)? = nil) throws {
        let known = [
            "show info": "Name: HAProxy\nVersion: \(version)\nPid: 7\nUptime_sec: 9\nStopping: 0\n\n",
            "show ssl cert": "# filename\n\(RuntimeAnswerTests.name)\n\n",
            "commit ssl cert": "Committing \(RuntimeAnswerTests.name)\nSuccess!\n\n",
            "abort ssl cert": RuntimeAnswerTests.aborted,
            "abort ssl cert /certd/asks": "No ongoing transaction!\n\n",
        ].merging(answers) { $1 }
        socket = try ScriptedSocket(in: ScratchDirectory()) { sent in
            let key = known.keys.filter { sent.hasPrefix($0) }.max { $0.count < $1.count }
            let answer = key.flatMap { known[$0] } ?? "Unknown command\n\n"
            guard let cut, sent.hasPrefix(cut.command) else { return .answer(answer) }
            return .answer(String(answer.prefix(cut.length)))
        }
        api = RuntimeAPI(socket: socket.path.string)
    }

    /// The commands that have come, without their payloads.
    var commands: [String] {
        socket.messages.map { message in
            let line = message.prefix { $0 != "\n" }
            return String(line.hasSuffix(" <<") ? line.dropLast(3) : line)
        }
    }
}

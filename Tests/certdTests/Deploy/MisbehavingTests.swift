import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// HAProxy answers something else than it does, as the versions do it that are not installed here: certd never says that
/// a certificate is deployed where it is not, and the next run puts all right.
@Suite struct MisbehavingTests {
    private static let isLong = ProcessInfo.processInfo.environment["TEST_LONG"] != nil

    /// Answers as HAProxy gives them where it did nothing, word for word; `{N}` is the name that is asked for.
    private static let refusals: [(command: String, answer: String)] = [
        ("set", "Can't replace a certificate which is not referenced by the configuration!\nCan't update {N}!\n\n"),
        (
            "set",
            "unable to load certificate from file '{N}': no start line\nCan't load the payload\nCan't update {N}!\n\n"
        ),
        ("set", "The ongoing transaction is about 'M' but you are trying to set '{N}'\nCan't update {N}!\n\n"),
        ("set", "Operations on certificates are currently locked!\nCan't update {N}!\n\n"),
        ("set", "Transaction updated for certificate M!\n\n"), ("set", "Transaction created for certificate M!\n\n"),
        ("set", "Permission denied\n\n"), ("set", "Unknown command: 'set'\n\n"), ("set", ""), ("set", "\n"),
        ("commit", "No ongoing transaction! !\nCan't commit {N}!\n\n"),
        (
            "commit",
            "Committing {N}\ninconsistencies between private key and certificate loaded '{N}'.\nCan't commit {N}!\n\n"
        ),
        ("commit", "The transaction must contain at least a certificate and a private key!\nCan't commit {N}!\n\n"),
        ("commit", "Committing {N}\nFailed!\n\n"), ("commit", "Committing M\nSuccess!\n\n"), ("commit", "Success!\n\n"),
        ("commit", "Committing {N}...\n\n"), ("commit", ""),
        ("show ssl cert {N}", "Can't display the certificate: Not found or the certificate is a bundle!\n\n"),
        ("abort ssl cert /certd/asks", "Permission denied\n\n"),
        (
            "abort ssl cert /certd/asks",
            "The ongoing transaction is about 'M' but you are trying to abort a transaction for '/certd/asks'\n\n"
        ), ("abort ssl cert /certd/asks", "Can't abort!\nOperations on certificates are currently locked!\n\n"),
        ("show info", "Unknown command: 'show'\n\n"), ("show info", "\n"),
    ]

    /// The oldest and the newest, and in the long tests what is between.
    private static let versions = ["2.6.12-1+deb12u4", "3.4.0"] + (isLong ? ["3.0.11-1+deb13u3", "3.2.26-1"] : [])

    @Test(.timeLimit(.minutes(60)), arguments: versions)
    func `an answer cut, doubled, late, another's or untrue is never taken for a deployment`(
        version: String
    ) async throws {
        let stand = try await Stand(version: version)
        #expect(try await stand.trial { _, _, _, _ in nil } == true)
        let answers = stand.haproxy.answers
        #expect(answers.count > 8)
        var tally = Tally()
        for (number, whole) in zip(1..., answers) {
            // Each once, as when a connection breaks.
            try await stand.count(in: &tally, isLasting: false) { _, this, answer, _ in
                this == number ? .answer(answer + answer) : nil
            }
            try await stand.count(in: &tally, isLasting: false) { _, this, _, before in
                this == number ? .answer(before) : nil
            }
            try await stand.count(in: &tally, isLasting: false) { _, this, answer, _ in
                this == number ? .trickle(answer) : nil
            }
            // At another byte of each in the short tests, at every byte in the long ones.
            let step = Self.isLong ? 1 : 101
            for length in stride(from: number * 17 % step, to: whole.utf8.count, by: step) {
                try await stand.count(in: &tally, isLasting: false) { _, this, answer, _ in
                    this == number ? .answer(String(decoding: answer.utf8.prefix(length), as: UTF8.self)) : nil
                }
            }
        }
        for (command, text) in Self.refusals {
            // And for as long as certd asks, as when HAProxy is of another opinion.
            let name = stand.rig.bundle.string
            let answer = text.replacing("{N}", with: name)
            let asked = command.replacing("{N}", with: name)
            try await stand.count(in: &tally, isLasting: true) { sent, _, _, _ in
                let isMeant = command.hasPrefix("show") ? sent == asked : sent.hasPrefix(asked)
                return isMeant ? .answer(answer) : nil
            }
        }
        print("HAProxy \(version) misbehaving: \(tally.trials) deployments, \(tally.done) of them done all the same")
        #expect(tally.done < tally.trials)
    }
}

private struct Tally {
    var trials = 0
    var done = 0
}

/// A lineage with two generations, and a HAProxy that serves the first.
private struct Stand {
    let rig: Rig
    let haproxy: ScriptedHAProxy
    private let scratch: ScratchDirectory
    private let toml: String

    init(version: String) async throws {
        let rig = try await Rig()
        self.rig = rig
        let name = rig.bundle.string
        // What a real one says of both.
        let first = try await rig.api.send("show ssl cert \(name)", nil)
        try await rig.renew()
        try await rig.deploy()
        let second = try await rig.api.send("show ssl cert \(name)", nil)
        try await rig.kill()
        let added = version.hasPrefix("2") || version.hasPrefix("3.0") ? "" : "Crt filename: \(name)\n"
        let leaves = try [1, 2].map { number in
            let archive = rig.letsencrypt.appending("archive/\(rig.name)/cert\(number).pem")
            return (number, try text(of: archive).split(separator: "\n").map(String.init)[1])
        }
        scratch = try ScratchDirectory()
        let facts = ScriptedHAProxy.Facts(
            name: name, version: version,
            shown: [first, second].enumerated().reduce(into: [:]) { shown, one in
                shown[one.offset + 1] = one.element.replacing("Serial:", with: "\(added)Serial:")
            }, leaves: Dictionary(leaves) { first, _ in first })
        haproxy = try ScriptedHAProxy(facts, in: scratch)
        toml = rig.toml(sockets: [scratch.file("scripted.sock")], haproxy: "probe = []")
    }

    func count(in tally: inout Tally, isLasting: Bool, _ spoiling: @escaping ScriptedHAProxy.Spoiling) async throws {
        tally.trials += 1
        if try await trial(isLasting: isLasting, spoiling) { tally.done += 1 }
    }

    /// Deploys generation 2 while answers are spoilt; gives whether certd said that it is done.
    func trial(isLasting: Bool = false, _ spoiling: @escaping ScriptedHAProxy.Spoiling) async throws -> Bool {
        try? remove(rig.state)
        try rig.write(generation: 1)
        haproxy.reset(spoiling: spoiling)
        let isDone: Bool
        do {
            isDone = try await rig.deploy(toml: toml).outcome == .deployed
        } catch {
            isDone = false
            let diagnosis = error as? any Diagnosis
            #expect(diagnosis?.remedy.isEmpty == false, "\(error)")
            let disk = try onDisk()
            let isEven = disk == haproxy.committed
            #expect(isEven || isLasting || "\(error)".contains("may differ now"), "\(error)")
            if !isEven { #expect(disk == 1, "\(error)") }
        }
        if isDone {
            #expect(haproxy.committed == 2)
            #expect(try onDisk() == 2)
            #expect(!haproxy.isOpen)
        }
        haproxy.heal()
        _ = try await rig.deploy(toml: toml)
        #expect(try onDisk() == 2)
        #expect(haproxy.committed == 2 && !haproxy.isOpen)
        return isDone
    }

    private func onDisk() throws -> Int {
        let leaf = try #require(InstalledBundle.read(at: rig.bundle).leaf)
        return try hexadecimal(leaf.sha1) == rig.sha1(of: 1) ? 1 : 2
    }
}

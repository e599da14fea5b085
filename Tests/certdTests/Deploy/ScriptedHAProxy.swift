import CertKit
import HAProxyKit
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// Keeps one certificate in its memory as HAProxy does, and tells of it in a version's words, or in other words than are
/// true: no real HAProxy can be brought to that.
final class ScriptedHAProxy: Sendable {
    /// What becomes of an answer; nil leaves it.
    typealias Spoiling =
        @Sendable (_ command: String, _ number: Int, _ answer: String, _ before: String) -> ScriptedSocket.Turn?

    /// Names, and what `show ssl cert NAME` says of each generation, word for word.
    struct Facts: Sendable {
        let name: String
        let version: String
        let shown: [Int: String]
        /// The leaf's PEM, by which a payload is known.
        let leaves: [Int: String]
    }

    private struct Memory {
        var committed = 1
        var pending: Int?
        var answers: [String] = []
    }

    private let facts: Facts
    private let memory = Mutex(Memory())
    private let spoiling = Mutex<Spoiling?>(nil)
    private let socket = Mutex<ScriptedSocket?>(nil)

    init(_ facts: Facts, in directory: ScratchDirectory) throws {
        self.facts = facts
        let opened = try ScriptedSocket(in: directory) { [weak self] command in
            guard let self else { return .hangUp(after: "") }
            return .afterPayload { message in self.turn(command, message) }
        }
        socket.withLock { $0 = opened }
    }

    /// The generation that is served in truth.
    var committed: Int { memory.withLock { $0.committed } }
    /// Whether a transaction is open in truth.
    var isOpen: Bool { memory.withLock { $0.pending != nil } }
    /// What was true to answer to each command since the last ``reset(spoiling:)``.
    var answers: [String] { memory.withLock { $0.answers } }

    /// Serves generation 1 again, and from now on answers as `spoiling` has it.
    func reset(spoiling: Spoiling?) {
        memory.withLock { $0 = Memory() }
        heal(spoiling)
    }

    /// Answers as `spoiling` has it, or truly, from now on.
    func heal(_ spoiling: Spoiling? = nil) { self.spoiling.withLock { $0 = spoiling } }

    private func turn(_ command: String, _ message: String) -> ScriptedSocket.Turn {
        let (answer, number, before) = memory.withLock { memory in
            let before = memory.answers.last ?? ""
            let answer = self.answer(command, message, &memory)
            memory.answers.append(answer)
            return (answer, memory.answers.count, before)
        }
        let spoilt = spoiling.withLock { $0 }?(command, number, answer, before)
        return spoilt ?? .answer(answer)
    }

    private func answer(_ command: String, _ message: String, _ memory: inout Memory) -> String {
        switch command {
        case "show info": return "Name: HAProxy\nVersion: \(facts.version)\nPid: 7\nUptime_sec: 9\nStopping: 0\n\n"
        case "show ssl cert":
            return (memory.pending == nil ? "" : "# transaction\n*\(facts.name)\n") + "# filename\n\(facts.name)\n\n"
        case "show ssl cert \(facts.name)": return facts.shown[memory.committed] ?? ""
        case "set ssl cert \(facts.name) <<":
            let verb = memory.pending == nil ? "created" : "updated"
            memory.pending = facts.leaves.first { message.contains($0.value) }?.key
            return "Transaction \(verb) for certificate \(facts.name)!\n\n"
        case "commit ssl cert \(facts.name)":
            guard let pending = memory.pending else {
                return "No ongoing transaction! !\nCan't commit \(facts.name)!\n\n"
            }
            (memory.committed, memory.pending) = (pending, nil)
            return "Committing \(facts.name)\nSuccess!\n\n"
        case "abort ssl cert \(facts.name)":
            guard memory.pending != nil else { return "No ongoing transaction!\n\n" }
            memory.pending = nil
            return "Transaction aborted for certificate '\(facts.name)'!\n\n"
        case let other where other.hasPrefix("abort ssl cert "):
            guard memory.pending != nil else { return "No ongoing transaction!\n\n" }
            let name = other.dropFirst("abort ssl cert ".count)
            return "The ongoing transaction is about '\(facts.name)' but you are trying to abort a transaction for "
                + "'\(name)'\n\n"
        default: return "Unknown command: '\(command)'\n\n"
        }
    }
}

internal import Synchronization

/// What somebody says, message by message, for tests that wait until something is said.
public final class Spoken: Sendable {
    private struct Waiter {
        let number: Int
        let isAwaited: @Sendable (String) -> Bool
        let continuation: CheckedContinuation<String, any Error>
    }

    private struct State {
        var messages: [String] = []
        var waiters: [Waiter] = []
        var numbers = 0
        var hasEnded = false
    }

    private let name: String
    private let state = Mutex(State())

    /// `name` tells in errors who it is that is listened to.
    public init(_ name: String) { self.name = name }

    /// All that was said so far.
    public var messages: [String] { state.withLock { $0.messages } }

    /// How often something was said with all of `words` in it.
    public func count(of words: String...) -> Int {
        messages.count { message in words.allSatisfy { message.contains($0) } }
    }

    /// Waits until something is said with all of `words` in it, after the first `known` messages, and gives that.
    ///
    /// - Throws: ``ToolFailure`` when the speaker ends before it says so.
    @discardableResult
    public func wait(for words: String..., after known: Int = 0) async throws -> String {
        try await wait(for: "\(words)", after: known) { message in words.allSatisfy { message.contains($0) } }
    }

    /// Waits until something is said with any of `words` in it, and gives that.
    ///
    /// - Throws: ``ToolFailure`` when the speaker ends before it says so.
    @discardableResult
    public func wait(forAnyOf words: String...) async throws -> String {
        try await wait(for: "any of \(words)", after: 0) { message in words.contains { message.contains($0) } }
    }

    private func wait(
        for what: String, after known: Int, _ isAwaited: @escaping @Sendable (String) -> Bool
    ) async throws -> String {
        let number = state.withLock { state in
            state.numbers += 1
            return state.numbers
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<String, any Error>? = state.withLock { state in
                    if let said = state.messages.dropFirst(known).first(where: isAwaited) { return .success(said) }
                    if state.hasEnded || Task.isCancelled {
                        return .failure(ToolFailure(description: "\(name) never said \(what): \(state.messages)"))
                    }
                    state.waiters.append(Waiter(number: number, isAwaited: isAwaited, continuation: continuation))
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            end { $0.number == number }
        }
    }

    func add(_ message: String) {
        let awaited = state.withLock { state in
            state.messages.append(message)
            let awaited = state.waiters.filter { $0.isAwaited(message) }
            state.waiters.removeAll { $0.isAwaited(message) }
            return awaited
        }
        for waiter in awaited { waiter.continuation.resume(returning: message) }
    }

    /// Nothing more will be said.
    func end() {
        state.withLock { $0.hasEnded = true }
        end { _ in true }
    }

    private func end(_ isOver: (Waiter) -> Bool) {
        let (waiters, messages) = state.withLock { state in
            defer { state.waiters.removeAll(where: isOver) }
            return (state.waiters.filter(isOver), state.messages)
        }
        for waiter in waiters {
            waiter.continuation.resume(throwing: ToolFailure(description: "\(name) only said \(messages)"))
        }
    }
}

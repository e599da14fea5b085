internal import Subprocess
public import SystemPackage

/// A program that says "ready", then answers each line with a line, and ends when the test lets go.
///
/// The programs in `scripts/support` talk like this. They end with their standard input, so none outlives the tests.
public final class HelperProcess: Sendable {
    private struct Question {
        let text: String
        let answer: CheckedContinuation<String, any Error>
    }

    private let name: String
    private let questions: AsyncStream<Question>.Continuation
    private let ended: Task<Void, any Error>

    /// Starts `program`, a path, and waits until it is ready.
    ///
    /// - Throws: ``ToolFailure`` with the program's words when it ends instead.
    public static func start(_ program: FilePath, _ arguments: [String]) async throws -> HelperProcess {
        let (questions, asking) = AsyncStream<Question>.makeStream()
        let (started, starting) = AsyncStream<Void>.makeStream()
        let ended = Task {
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await converse(program, arguments, starting: starting, questions: questions))
            } catch {
                outcome = .failure(error)
            }
            starting.finish()
            asking.finish()
            for await question in questions {
                question.answer.resume(throwing: ToolFailure(description: "\(program) has ended"))
            }
            try outcome.get()
        }
        let helper = HelperProcess(name: program.string, questions: asking, ended: ended)
        for await _ in started { return helper }
        try await helper.stop()
        throw ToolFailure(description: "\(program) has ended without being ready")
    }

    private static func converse(
        _ program: FilePath, _ arguments: [String],
        starting: AsyncStream<Void>.Continuation, questions: AsyncStream<Question>
    ) async throws {
        let result = try await run(
            .path(program), arguments: Arguments(arguments),
            input: .inputWriter, output: .sequence, error: .string(limit: 1 << 20)
        ) { execution in
            var lines = execution.standardOutput.strings().makeAsyncIterator()
            // One that ends before it is ready has nobody who would ask it anything.
            guard try await lines.next() != nil else { return }
            starting.yield()
            for await question in questions {
                do {
                    _ = try await execution.standardInputWriter.write(question.text + "\n")
                    guard let answer = try await lines.next() else {
                        throw ToolFailure(description: "\(program) has ended")
                    }
                    question.answer.resume(returning: answer)
                } catch {
                    question.answer.resume(throwing: error)
                    break
                }
            }
            try await execution.standardInputWriter.finish()
        }
        guard result.terminationStatus.isSuccess else {
            throw ToolFailure(description: "\(program): \(result.standardError)")
        }
    }

    private init(name: String, questions: AsyncStream<Question>.Continuation, ended: Task<Void, any Error>) {
        self.name = name
        self.questions = questions
        self.ended = ended
    }

    deinit { questions.finish() }

    /// Sends a line and gives the line that comes back.
    public func ask(_ text: String) async throws -> String {
        try await withCheckedThrowingContinuation { answer in
            guard case .enqueued = questions.yield(Question(text: text, answer: answer)) else {
                return answer.resume(throwing: ToolFailure(description: "\(name) has ended"))
            }
        }
    }

    /// Ends the program and waits until it is gone.
    ///
    /// - Throws: ``ToolFailure`` with the program's words when it ended with an error.
    public func stop() async throws {
        questions.finish()
        try await ended.value
    }
}

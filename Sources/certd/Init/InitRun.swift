import CertKit

/// Makes the changes of a plan: all of them, or none.
struct InitRun: Sendable {
    let steps: [InitStep]
    let questions: HostQuestions

    /// - Throws: why a step was not made; those before it have been taken back, or the error says otherwise.
    func run() async throws {
        var undoing: [InitStep.Undoing] = []
        for step in steps {
            do {
                undoing.append(try await step.perform(questions))
            } catch {
                for undo in undoing.reversed() {
                    do { try undo() } catch { ErrorReport(error)?.tell() }
                }
                throw error
            }
        }
    }
}

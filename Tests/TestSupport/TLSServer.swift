internal import Subprocess

/// Runs `openssl s_server` with `arguments` for as long as `body` does, which gets its address, `127.0.0.1:PORT`.
///
/// - Throws: ``ToolFailure`` when it ends before it accepts, and what `body` throws.
public func withTLSServer<Result: Sendable>(
    _ arguments: [String], body: @Sendable (_ address: String) async throws -> Result
) async throws -> Result {
    // With -www it does not read its standard input, whose end would end the session.
    let server = ["s_server", "-accept", "127.0.0.1:0", "-www"] + arguments
    let outcome = try await run(
        .name("openssl"), arguments: Arguments(server), input: .none, output: .sequence, error: .combinedWithOutput
    ) { execution in
        var said = ""
        for try await line in execution.standardOutput.strings() {
            if line.hasPrefix("ACCEPT ") {
                let result = try await body(String(line.dropFirst("ACCEPT ".count)))
                await execution.teardown(using: [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))])
                return result
            }
            said += line + "\n"
        }
        throw ToolFailure(description: "openssl \(server.joined(separator: " ")): \(said)")
    }
    return outcome.closureResult
}

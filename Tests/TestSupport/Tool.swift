internal import Subprocess
public import SystemPackage

/// How a command-line tool ended and what it said.
public struct ToolRun: Sendable {
    /// Whether it exited with 0.
    public let succeeded: Bool
    /// The status it exited with; nil where a signal ended it.
    public let status: Int32?
    /// Its standard output.
    public let output: String
    /// Its standard error.
    public let errors: String
}

/// A tool that a test needs did not do its work.
public struct ToolFailure: Error, CustomStringConvertible {
    /// The command and what it said.
    public let description: String

    /// Says what a test needs and does not have.
    public init(description: String) { self.description = description }
}

/// Runs `tool`, a path or else found on PATH, until it ends.
public func runTool(
    _ tool: String, _ arguments: [String], in directory: FilePath? = nil, input: String = ""
) async throws -> ToolRun {
    let executable: Executable = tool.contains("/") ? .path(FilePath(tool)) : .name(tool)
    let result = try await run(
        executable, arguments: Arguments(arguments), workingDirectory: directory, input: .string(input),
        output: .string(limit: 16 << 20), error: .string(limit: 16 << 20))
    let status: Int32? = if case .exited(let code) = result.terminationStatus { code } else { nil }
    return ToolRun(
        succeeded: result.terminationStatus.isSuccess, status: status, output: result.standardOutput,
        errors: result.standardError)
}

/// Runs `tool` and gives its standard output.
///
/// - Throws: ``ToolFailure`` when it does not exit with 0.
@discardableResult
public func requireTool(
    _ tool: String, _ arguments: [String], in directory: FilePath? = nil, input: String = ""
) async throws -> String {
    let result = try await runTool(tool, arguments, in: directory, input: input)
    guard result.succeeded else {
        throw ToolFailure(description: "\(tool) \(arguments.joined(separator: " ")): \(result.output)\(result.errors)")
    }
    return result.output
}

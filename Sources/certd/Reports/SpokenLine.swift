/// A line of a command, and the stream that it belongs on.
struct SpokenLine: Codable, Equatable, Sendable {
    enum Stream: String, Codable, Sendable { case output, error }

    let stream: Stream
    let text: String

    static func output(_ text: String) -> SpokenLine { SpokenLine(stream: .output, text: text) }
    static func error(_ text: String) -> SpokenLine { SpokenLine(stream: .error, text: text) }

    /// Prints it.
    func print() {
        switch stream {
        case .output: StandardOutput.print(text)
        case .error: ErrorReport.write(text)
        }
    }
}

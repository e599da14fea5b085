import ArgumentParser
import CertKit
import Glibc

/// Colours the words that a verdict is told with. Only they are coloured, so that nothing is lost without colours.
struct Painter: Sendable {
    /// What the caller wants.
    enum Choice: String, ExpressibleByArgument, CaseIterable {
        case auto, always, never
    }

    let isOn: Bool

    static let plain = Painter(isOn: false)

    init(isOn: Bool) { self.isOn = isOn }

    /// Unless the caller says so, colours are for a terminal that has them and whose user wants them (no-color.org).
    init(_ choice: Choice, isTerminal: Bool, environment: (String) -> String?) {
        isOn =
            switch choice {
            case .always: true
            case .never: false
            case .auto:
                isTerminal && (environment("NO_COLOR") ?? "").isEmpty
                    && environment("TERM").map { $0 != "dumb" } ?? false
            }
    }

    /// What standard output takes.
    init(_ choice: Choice) {
        self.init(choice, isTerminal: isatty(STDOUT_FILENO) == 1) { name in
            unsafe getenv(name).map { unsafe String(cString: $0) }
        }
    }

    /// `text` in the colour of `severity`.
    func paint(_ text: String, _ severity: Severity) -> String {
        guard isOn else { return text }
        let code =
            switch severity {
            case .ok: "32"
            case .warning: "33"
            case .critical: "1;31"
            case .unknown: "35"
            }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}

/// The terminal that the answer is shown on.
enum Terminal {
    /// Its columns; nil where standard output is none, or does not know.
    static var width: Int? {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Whether standard error is one that can erase a line.
    static var isErrorOutput: Bool {
        guard isatty(STDERR_FILENO) == 1, let kind = unsafe getenv("TERM") else { return false }
        return unsafe String(cString: kind) != "dumb"
    }
}

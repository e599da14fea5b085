internal import FoundationEssentials
internal import Glibc

/// What the tests and certd have been built with by `swift test --sanitize`.
public enum Sanitizer: Sendable {
    /// The address sanitizer, with its search for leaks.
    case address
    /// The thread sanitizer.
    case thread

    /// nil where there is none.
    public static let current: Sanitizer? = {
        // Its functions are part of the program, and exported.
        if unsafe dlsym(nil, "__asan_init") != nil { return .address }
        if unsafe dlsym(nil, "__tsan_init") != nil { return .thread }
        return nil
    }()

    /// How many times the usual time and memory a program may take: both sanitizers take several times as much.
    public static let factor = current == nil ? 1 : 10

    /// What it needs to know in an environment that is otherwise made anew: NAME=VALUE.
    public static let variables =
        ProcessInfo.processInfo.environment["LSAN_OPTIONS"].map { ["LSAN_OPTIONS=\($0)"] } ?? []

    /// Keeps it from searching for leaks when a program ends.
    ///
    /// It traces the program for that, which fails where somebody else does, and where a user other than root may not.
    public static let withoutLeaks = "LSAN_OPTIONS=detect_leaks=0"
}

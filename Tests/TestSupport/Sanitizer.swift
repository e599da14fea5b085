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
}

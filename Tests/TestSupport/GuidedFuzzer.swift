public import Testing

internal import FoundationEssentials
internal import Glibc
internal import SystemPackage

/// libFuzzer in the place of chance: of what it has changed it goes on with what reached something new.
///
/// `scripts/support/fuzz` builds the tests with it and says by `TEST_FUZZ_CORPUS` where it keeps what it has found worth
/// going on with.
@safe struct GuidedFuzzer {
    private typealias Property = (_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt
    private typealias Driver =
        @convention(c) (
            _ count: UnsafeMutablePointer<CInt>,
            _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
            _ property: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
        ) -> CInt

    /// What libFuzzer calls; it gives its callers no place for one of their own.
    ///
    /// Written once, by the only thread that calls libFuzzer, before it does.
    nonisolated(unsafe) private static var property: Property?

    private let driver: Driver
    private let corpus: String

    /// Nil in tests that are built as usual.
    init?() {
        guard let corpus = ProcessInfo.processInfo.environment["TEST_FUZZ_CORPUS"],
            let driver = unsafe dlsym(nil, "LLVMFuzzerRunDriver")
        else { return nil }
        self.corpus = corpus
        unsafe self.driver = unsafe unsafeBitCast(driver, to: Driver.self)
    }

    /// Whether what goes wrong ends the program, at once, so that the input which did it is known.
    static var isAtWork: Bool { unsafe property != nil }

    /// Has `parse` called for `seconds` with what is made of `seeds` and `words`, and ends the program.
    func run(from seeds: FilePath, words: [[UInt8]], seconds: Int, _ parse: ([UInt8]) throws -> Void) throws -> Never {
        let dictionary = FilePath("\(corpus).words")
        let lines = words.filter { !$0.isEmpty }.map { word in
            "\"" + word.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\"\n"
        }
        try Data(lines.joined().utf8).write(to: URL(filePath: dictionary.string))
        let arguments = [
            "fuzz", corpus, seeds.string, "-max_total_time=\(seconds)", "-dict=\(dictionary)", "-max_len=65536",
            "-timeout=10", "-rss_limit_mb=2048", "-artifact_prefix=\(corpus)-found-", "-print_final_stats=1",
        ]
        withoutActuallyEscaping(parse) { parse in
            unsafe Self.property = { bytes, count in
                let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
                do {
                    try parse(input)
                } catch {
                    GuidedFuzzer.stop("\(error)")
                }
                return 0
            }
            call(arguments)
        }
        throw ToolFailure(description: "libFuzzer came back, which it never does")
    }

    /// Ends the program for `reason`; libFuzzer writes down the input.
    static func stop(_ reason: String) -> Never {
        _ = try? FileDescriptor.standardError.writeAll(Array("\(reason)\n".utf8))
        abort()
    }

    private func call(_ arguments: [String]) {
        var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        unsafe words.withUnsafeMutableBufferPointer { words in
            var count = CInt(arguments.count)
            guard var first = words.baseAddress else { return }
            _ = unsafe driver(&count, &first) { bytes, size in
                unsafe GuidedFuzzer.property?(bytes, size) ?? -1
            }
        }
    }
}

extension Trait where Self == IssueHandlingTrait {
    /// Has the first failure of an expectation end a run that is guided by coverage.
    public static var endsGuidedFuzzing: Self {
        .compactMapIssues { issue in
            if GuidedFuzzer.isAtWork { GuidedFuzzer.stop("\(issue)") }
            return issue
        }
    }
}

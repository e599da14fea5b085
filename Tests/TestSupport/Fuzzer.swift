internal import FoundationEssentials
internal import SystemPackage

/// Changes the files of `Tests/Fuzz/TARGET` at random and hands them to a parser: the same ones in every run of as many.
///
/// `seed-*` are what the parser is made for, `found-*` what once went wrong with it; all are handed over as they are first.
/// How many follow is counted, not timed: `TEST_FUZZ_SECONDS` (10, and 60 where `TEST_LONG` is set) times about what a
/// machine does in a second. While one is read it lies in `/tmp/certd-fuzz-TARGET-…`, where a crash leaves it. In a build for
/// that libFuzzer makes the changes, for as many seconds (``GuidedFuzzer``).
public struct Fuzzer {
    private let target: String
    private let directory: FilePath
    private let files: [(name: String, bytes: [UInt8])]
    private let seconds: Int
    private let count: Int
    private let words: [[UInt8]]

    /// Reads the seeds; `words` are put in here and there besides.
    public init(_ target: String, runsPerSecond: Int, words: [String] = []) throws {
        let directory = packageDirectory.appending("Tests/Fuzz").appending(target)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.string).sorted()
        files = try names.map { ($0, Array(try Data(contentsOf: URL(filePath: directory.appending($0).string)))) }
        guard !files.isEmpty else { throw ToolFailure(description: "\(directory): there is no seed") }
        (self.target, self.directory) = (target, directory)
        self.words = words.map { Array($0.utf8) }
        let environment = ProcessInfo.processInfo.environment
        seconds =
            environment["TEST_FUZZ_SECONDS"].flatMap { Int($0) } ?? (environment["TEST_LONG"] == nil ? 10 : 60)
        count = max(1, seconds * runsPerSecond)
    }

    /// Hands each file over, then changes of them, and says how many.
    ///
    /// `parse` gives whether it understood one; what it throws ends the run.
    @discardableResult
    public func run(
        _ parse: (_ input: [UInt8], _ name: String) throws -> Bool
    ) throws -> (runs: Int, understood: Int) {
        if let guided = GuidedFuzzer() {
            try guided.run(from: directory, words: words, seconds: seconds) { _ = try parse($0, "an input") }
        }
        var understood = 0
        for (input, name) in try inputs() where try parse(input, name) { understood += 1 }
        report(understood: understood)
        return (files.count + count, understood)
    }

    /// Says how many there were, for a test that goes through ``inputs()`` itself.
    public func report(understood: Int) {
        print("fuzzed \(target): \(files.count + count) runs, \(understood) understood")
    }

    /// The files, then changes of them, each with words for what it is.
    ///
    /// - Throws: `Errno` where none can be written down.
    public func inputs() throws -> some Sequence<(bytes: [UInt8], name: String)> {
        let current = try CurrentInput(of: target)
        var generator = SeededGenerator(seed: target.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        return (0..<(files.count + count)).lazy.map { number in
            let (origin, original) = files[number % files.count]
            let isOriginal = number < files.count
            let input = isOriginal ? original : change(original, using: &generator)
            current.replace(with: input)
            return (input, isOriginal ? origin : "\(target) \(number), a change of \(origin)")
        }
    }

    /// One to three changes: of bytes, of lines, words put in or exchanged, parts of another seed.
    private func change(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: bytes = mutatedText(bytes, using: &generator)
            case 1: bytes = mutatedLines(bytes, using: &generator)
            case 2: insert(words.randomElement(using: &generator) ?? [0], into: &bytes, using: &generator)
            case 3:
                let other = files.randomElement(using: &generator)?.bytes ?? []
                let start = Int.random(in: 0...other.count, using: &generator)
                let part = other[start...].prefix(Int.random(in: 1...200, using: &generator))
                insert(part, into: &bytes, using: &generator)
            case 4...5: exchangeWord(in: &bytes, using: &generator)
            default: bytes = mutatedBytes(bytes, using: &generator)
            }
        }
        return Array(bytes.prefix(1 << 17))
    }

    /// A number or a name becomes another word.
    private func exchangeWord(in bytes: inout [UInt8], using generator: inout SeededGenerator) {
        guard let place = bytes.indices.randomElement(using: &generator) else { return }
        let start = bytes[..<place].lastIndex { !$0.isOfWord }.map { $0 + 1 } ?? 0
        let end = bytes[place...].firstIndex { !$0.isOfWord } ?? bytes.count
        bytes.replaceSubrange(start..<max(start, end), with: words.randomElement(using: &generator) ?? [])
    }

    private func insert(
        _ part: some Collection<UInt8>, into bytes: inout [UInt8], using generator: inout SeededGenerator
    ) {
        bytes.insert(contentsOf: part, at: Int.random(in: 0...bytes.count, using: &generator))
    }
}

/// The file in which the input lies that is being read; a process that ends before the last was read leaves it.
private final class CurrentInput {
    private let path: FilePath
    private let file: FileDescriptor

    init(of target: String) throws {
        path = FilePath("/tmp/certd-fuzz-\(target)-\(UInt32.random(in: 0...UInt32.max))")
        file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite)
    }

    deinit {
        try? file.close()
        try? remove(path)
    }

    func replace(with input: [UInt8]) {
        try? file.resize(to: 0)
        _ = try? file.writeAll(toAbsoluteOffset: 0, input)
    }
}

extension UInt8 {
    /// A digit, a letter, or what else numbers have in them.
    fileprivate var isOfWord: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// Lines out, twice, exchanged, or joined.
private func mutatedLines(_ text: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    var lines = text.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
    let (one, other) = (
        Int.random(in: 0..<lines.count, using: &generator), Int.random(in: 0..<lines.count, using: &generator)
    )
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: lines.remove(at: one)
    case 1: lines.insert(lines[one], at: other)
    case 2: lines.swapAt(one, other)
    default: lines[one] += lines[other]
    }
    return Array(lines.joined(separator: [10]))
}

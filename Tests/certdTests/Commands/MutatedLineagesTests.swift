import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Lineages whose files are broken at random, the same ones in every run, looked at by the program itself.
@Suite struct MutatedLineagesTests {
    private static let count = ProcessInfo.processInfo.environment["TEST_LONG"] == nil ? 250 : 10_000
    /// How many of them there are below one directory: what a host may have.
    private static let treeSize = 50
    private static let kinds = ["cert", "chain", "fullchain", "privkey"]

    @Test func `a broken file costs a check less than a second and 64 MB, and hides no other lineage`() async throws {
        let program = try await BuiltProgram(lineages: [("original", [])])
        let trees = try makeTrees(below: program.scratch.file("trees"), of: program.letsencrypt)
        let limit = 1000 * Sanitizer.factor
        let measured = try await requireTool(
            "python3", ["-c", Self.measuring, "\(limit)", program.path.string, program.configuration.string] + trees)
        let worst = try JSONDecoder().decode(Worst.self, from: Data(measured.utf8))
        #expect(worst.lineages == Self.count && worst.whole == trees.count, "\(measured)")
        #expect(worst.milliseconds < limit && worst.kilobytes < Sanitizer.factor * 64 << 10, "\(measured)")
        if Self.count > 250 { print("the worst of \(Self.count) broken lineages: \(measured)") }
    }

    /// Directories as certbot's, each with a lineage that is whole and with broken ones. Each of these gets one file that
    /// is broken: its text, or the DER in one of its blocks.
    private func makeTrees(below directory: FilePath, of letsencrypt: FilePath) throws -> [String] {
        let archive = letsencrypt.appending("archive/original")
        let originals = try Self.kinds.map { Array(try text(of: archive.appending("\($0)1.pem")).utf8) }
        var generator = SeededGenerator(seed: 40)
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: false)
        return try (0..<Self.count / Self.treeSize).map { number in
            let tree = directory.appending("\(number)").string
            try FileManager.default.copyItem(atPath: letsencrypt.string, toPath: tree)
            for number in 0..<Self.treeSize {
                let live = "\(tree)/live/broken-\(number)"
                try FileManager.default.createDirectory(atPath: live, withIntermediateDirectories: false)
                for (place, kind) in Self.kinds.enumerated() {
                    var bytes = originals[place]
                    if place == number % Self.kinds.count {
                        let isOfDER = Bool.random(using: &generator)
                        bytes = isOfDER ? mutatedDER(bytes, using: &generator) : mutatedText(bytes, using: &generator)
                    }
                    try Data(bytes).write(to: URL(filePath: "\(live)/\(kind).pem"))
                }
            }
            return tree
        }
    }

    /// The bytes in the text's first block, broken.
    private func mutatedDER(_ text: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard let end = lines.firstIndex(where: { $0.hasPrefix("-----END") }),
            let der = Data(base64Encoded: lines[1..<end].joined())
        else { return text }
        let changed = Data(mutatedBytes(Array(der), using: &generator)).base64EncodedString()
        var wrapped: [Substring] = []
        var rest = changed[...]
        while !rest.isEmpty {
            wrapped.append(rest.prefix(64))
            rest = rest.dropFirst(64)
        }
        return Array((lines[..<1] + wrapped + lines[end...]).joined(separator: "\n").utf8)
    }

    /// Checks a tree at a time, whose CPU time bounds that of each lineage in it; where that is too much, one lineage at
    /// a time. What does not end is an error.
    private static let measuring = """
        import json, os, subprocess, sys, tempfile
        limit, program, configuration, *trees = sys.argv[1:]
        command = ["timeout", "--signal=KILL", "300", program, "check", "--json", "--only", "time,chain,key,files,wire"]
        def check(tree, names=[]):
            environment = {"CERTD_LETSENCRYPT_DIRECTORY": tree}
            environment |= {name: os.environ[name] for name in ("PATH", "LSAN_OPTIONS") if name in os.environ}
            with tempfile.TemporaryFile() as answer:
                process = subprocess.Popen(
                    command + ["--config", configuration] + names, stdin=subprocess.DEVNULL, stdout=answer,
                    env=environment)
                _, status, usage = os.wait4(process.pid, 0)
                code = os.waitstatus_to_exitcode(status)
                if code not in (0, 1, 2, 3): sys.exit(f"{tree} {names}: ended with {code}")
                answer.seek(0)
                return (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss, json.load(answer)["lineages"]
        time = memory = count = whole = 0
        for tree in trees:
            spent, size, lineages = check(tree)
            whole += {"original": "ok"}.items() <= {each["name"]: each["state"] for each in lineages}.items()
            count += len(lineages) - 1
            memory = max(memory, size)
            if spent >= int(limit): spent = max(check(tree, [each["name"]])[0] for each in lineages)
            time = max(time, spent)
        print(json.dumps({"milliseconds": round(time), "kilobytes": memory, "lineages": count, "whole": whole}))
        """
}

/// What the worst of them cost, and how many there were.
private struct Worst: Decodable {
    let milliseconds: Int
    let kilobytes: Int
    let lineages: Int
    /// In how many trees the lineage that is whole was ok.
    let whole: Int
}

internal import FoundationEssentials
internal import SystemPackage
internal import TestSupport
internal import Testing

/// The power goes at any moment of a real run: the calls of that run are replayed up to each of them on a model of a disk
/// that keeps of what was not synced whatever it likes.
@Suite(.enabled("strace is not installed") { (try? await requireTool("strace", ["-V"])) != nil })
struct PowerLossTests {
    private let name = "pbx.example.org"

    /// What runs when the power goes.
    enum Way: CaseIterable {
        /// `certd deploy`, by the Runtime API, over an older certificate.
        case update
        /// certbot's hook, certd's first run ever.
        case firstHook
        /// `certd build`.
        case build
        /// `certd deploy` where the key has a file of its own.
        case twoFiles
        /// `certd deploy` by a reload, which keeps the old bundle for a while.
        case reload
    }

    @Test(.timeLimit(.minutes(30)), arguments: Way.allCases)
    func `whenever the power goes, the bundle is whole, and the next run finishes`(way: Way) async throws {
        let stage = try await Stage(lineages: [name])
        let loss = try await PowerLoss(of: way, lineage: name, on: stage)
        let replay = try loss.replay(loss.recording.calls)
        #expect(replay.wrong == [])
        #expect(replay.disk.contents == loss.end, "the model of the disk is another than the disk")
        #expect(replay.states.count > 4, "too few states to prove anything")
        // Each of a bundle's syncs is there for something: without it the replay must find what is wrong.
        let syncs = loss.recording.calls.indices.filter { loss.recording.calls[$0].syncs(below: stage.bundles) }
        #expect(syncs.count >= 2)
        for place in syncs {
            var calls = loss.recording.calls
            let sync = calls.remove(at: place)
            #expect(try loss.replay(calls, untilWrong: true).wrong != [], "nothing goes wrong without \(sync)")
        }
        let step = Sweep.isLong ? 1 : max(1, replay.states.count / 8)
        let repaired = stride(from: 0, to: replay.states.count, by: step)
        for place in repaired { try await loss.repair(replay.states[place]) }
        print(
            "power lost in \(way): \(replay.count) states, \(replay.states.count) of them different, "
                + "\(Array(repaired).count) repaired")
    }

    @Test(.timeLimit(.minutes(5)))
    func `what a power loss made of certd's own notes stops nothing`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.deploys(name)
        // A failure, so that there is a note of each kind.
        try await stage.make(name, ["--generation", "2", "--names", "sip.example.org"])
        #expect(try await !stage.certd(["deploy", name]).succeeded)
        let state = stage.scratch.file("state")
        let notes = try FileManager.default.subpathsOfDirectory(atPath: state.string).filter { $0.hasSuffix(".json") }
        #expect(notes.count >= 3, "\(notes)")
        try await stage.make(name, ["--generation", "3"])
        for remains in ["", "\0\0\0\0\0\0", "[{\"socket\":", "{}", "[1]", "null", "\u{FEFF}[]"] {
            for note in notes { try stage.scratch.write(remains, to: "state/\(note)") }
            #expect(try await stage.certd(["status"]).status == 0, "\(remains)")
            let run = try await stage.certd(["deploy", name])
            #expect(run.succeeded, "\(remains): \(run.errors)")
        }
        let check = try await stage.certd(["check"])
        #expect(check.succeeded, "\(check.output)\(check.errors)")
        #expect(try await stage.stations(of: name).agree)
    }
}

/// One run that the power goes in, and what has to hold after it.
private struct PowerLoss {
    let stage: Stage
    let lineage: String
    /// The directories that count: bundles, and what certd notes.
    let roots: [FilePath]
    let before: DiskContents
    let after: DiskContents
    let recording: DiskRecording
    /// What the recorded run left.
    let end: DiskContents

    init(of way: PowerLossTests.Way, lineage: String, on stage: Stage) async throws {
        self.stage = stage
        self.lineage = lineage
        roots = [stage.bundles, stage.scratch.file("state")]
        if way == .twoFiles { try stage.splitKey(of: lineage) }
        try await stage.make(lineage)
        if way != .firstHook {
            try await stage.deploys(lineage)
            try await stage.make(lineage, ["--generation", "2"])
        }
        before = try diskContents(of: roots)
        try await stage.deploys(lineage)
        after = try diskContents(of: roots)

        try await stage.start(with: before, in: roots, lineage)
        let command =
            switch way {
            case .update, .twoFiles: stage.deployment(of: lineage)
            case .firstHook: ["env"] + stage.hook(for: lineage)
            case .build: stage.deployment(of: lineage).map { $0 == "deploy" ? "build" : $0 }
            case .reload: ["env"] + stage.reloading + stage.deployment(of: lineage)
            }
        recording = try await DiskRecording(of: command, below: roots, in: stage.scratch)
        try #require(recording.run.succeeded, "\(recording.run.errors)")
        end = try diskContents(of: roots)
        #expect(bundles(in: end) == bundles(in: after))
    }

    /// Loses the power after each of `calls`.
    func replay(_ calls: [DiskCall], untilWrong: Bool = false) throws -> Replay {
        var replay = Replay(disk: DiskModel(before))
        var seen: Set<DiskContents> = []
        for call in [nil] + calls.map(Optional.some) {
            if let call { try replay.disk.apply(call) }
            for state in replay.disk.afterPowerLoss() {
                if untilWrong, !replay.wrong.isEmpty { return replay }
                replay.count += 1
                guard seen.insert(state).inserted else { continue }
                replay.states.append(state)
                if let wrong = wrong(with: state) {
                    replay.wrong.append("after \(call?.testDescription ?? "nothing"): \(wrong)")
                }
            }
        }
        // Its last word was that all is deployed, so from then on nothing is lost.
        for state in replay.disk.afterPowerLoss() where bundles(in: state) != bundles(in: after) {
            replay.wrong.append("what was deployed is lost")
        }
        return replay
    }

    struct Replay {
        var disk: DiskModel
        /// How often the power was lost.
        var count = 0
        /// What it left, each once.
        var states: [DiskContents] = []
        var wrong: [String] = []
    }

    /// What HAProxy loads from the directory of the bundles.
    private func bundles(in state: DiskContents) -> DiskContents {
        state.filter { path, _ in
            path.starts(with: stage.bundles) && path.lastComponent?.string.hasPrefix(".") == false
        }
    }

    /// What is not as it should be right after the power loss; nil where everything is.
    private func wrong(with state: DiskContents) -> String? {
        for (path, entry) in state where entry.mode != 0o600 && entry.bytes.map(holdsKey) == true {
            guard before[path] == entry else { return "others may read \(path): \(String(entry.mode, radix: 8))" }
        }
        let path = stage.bundle(of: lineage)
        let key = keyPath
        let (main, oldMain, newMain) = (state[path]?.bytes, before[path]?.bytes, after[path]?.bytes)
        guard before[key] != nil else {
            return main == oldMain || main == newMain ? nil : "\(path) is torn"
        }
        // HAProxy looks into the key's file only where the other holds none.
        if main == newMain { return state[key] == after[key] ? nil : "the key is not the certificate's" }
        if main == oldMain { return state[key] == before[key] ? nil : "the key is not the certificate's" }
        return main == joined(after) ? nil : "\(path) is torn"
    }

    /// Starts HAProxy's memory as its start after the power loss would, deploys, and looks whether all is right.
    func repair(_ state: DiskContents) async throws {
        let comment = Comment(rawValue: "after a power loss that left \(state.keys.map(\.string).sorted())")
        try await stage.start(with: state, in: roots, lineage)
        let run = try await stage.certd(["deploy", lineage])
        #expect(run.succeeded, "\(comment.rawValue): \(run.errors)")
        let repaired = try diskContents(of: roots).filter { $0.key.starts(with: stage.bundles) }
        #expect(repaired == after.filter { $0.key.starts(with: stage.bundles) }, comment)
        #expect(try await stage.stations(of: lineage).agree, comment)
        let left = try files(in: roots[1]).filter { $0.hasPrefix(".") }
        #expect(left.isEmpty, comment)
        let check = try await stage.certd(["check"])
        #expect(check.succeeded, "\(comment.rawValue), then check: \(check.output)")
    }

    private var keyPath: FilePath { FilePath("\(stage.bundle(of: lineage)).key") }

    private func joined(_ state: DiskContents) -> [UInt8] {
        (state[stage.bundle(of: lineage)]?.bytes ?? []) + (state[keyPath]?.bytes ?? [])
    }

    private func holdsKey(_ bytes: [UInt8]) -> Bool { String(decoding: bytes, as: UTF8.self).contains("PRIVATE KEY") }
}

extension Stage {
    /// Has the key of a lineage go into a file of its own.
    fileprivate func splitKey(of lineage: String) throws {
        let path = bundle(of: lineage)
        let entry = "\n[[bundle]]\nlineage = \"\(lineage)\"\npath = \"\(path)\"\nkey-path = \"\(path).key\"\n"
        try scratch.write(try scratch.read("certd.toml") + entry, to: "certd.toml")
    }

    /// What in the environment of certd makes it reload HAProxy whatever it does.
    fileprivate var reloading: [String] {
        ["CERTD_HAPROXY_RELOAD=always", "CERTD_HAPROXY_RELOAD_COMMAND=kill,-USR2,\(haproxy.pid)"]
    }

    /// Puts `state` on disk, and into HAProxy's memory what it would load from there.
    fileprivate func start(with state: DiskContents, in roots: [FilePath], _ lineage: String) async throws {
        try place(state, in: roots)
        let path = bundle(of: lineage)
        let main = try text(of: path)
        let pem = main.contains("PRIVATE KEY") ? main : try main + text(of: FilePath("\(path).key"))
        _ = try await ask(haproxy: "set ssl cert \(path) <<\n\(pem)")
        let committed = try await ask(haproxy: "commit ssl cert \(path)")
        try #require(committed.contains("Success!"), "\(committed)")
    }
}

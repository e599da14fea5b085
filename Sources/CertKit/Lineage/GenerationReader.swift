public import FoundationEssentials
internal import SystemPackage

/// Reads one consistent generation of a lineage while certbot may be renewing it.
///
/// It tries again, after 1, 2, 4 … 200 ms, as long as what it sees may be the middle of something, and never longer than its
/// bound.
public struct GenerationReader: Sendable {
    /// How long to try for at most; what has not changed for that long is not waited for at all.
    public let bound: Duration
    /// Groups besides root's that may read private keys.
    public let keyGroups: Set<UInt32>
    /// What is known from lineages read before.
    public var memory: LineageMemory?
    private let date: @Sendable () -> Date

    /// How old files must be before a fault in them is one, and plain files before they are believed.
    static let quiet = Duration.seconds(2)

    /// A reader that compares the times of files with `date`.
    public init(
        bound: Duration = .seconds(10), keyGroups: Set<UInt32> = [], date: @escaping @Sendable () -> Date
    ) {
        self.bound = bound
        self.keyGroups = keyGroups
        self.date = date
    }

    /// Reads the generation that `lineage` stands at.
    ///
    /// A task that is cancelled does not wait any longer.
    /// - Throws: ``LineageError`` for what is wrong with it, even after waiting.
    public func read(_ lineage: Lineage, on clock: some Clock<Duration>) async throws(LineageError) -> Generation {
        try await read(lineage, on: clock) { () throws(FileError) in try DirectoryHandle(opening: lineage.directory) }
    }

    /// Reads what a server is given: by fullchain.pem and privkey.pem alone where these are sound, so that what is wrong
    /// elsewhere in the lineage, and the generation's number, are not noticed; else all of it, to see why they are not.
    ///
    /// - Throws: ``LineageError`` for what is wrong with the lineage.
    public func readPair(
        _ lineage: Lineage, on clock: some Clock<Duration>
    ) async throws(LineageError) -> Generation {
        if let pair = servedPair(of: lineage, withKey: true), let key = pair.key {
            return Generation(withoutKey: pair.withoutKey, key: key)
        }
        return try await read(lineage, on: clock)
    }

    /// Reads the same without the private key, whose file is not opened, nor asked who may read it: by fullchain.pem alone
    /// where that is sound.
    ///
    /// - Throws: ``LineageError`` for what is wrong with the certificates' files or with certbot's links.
    public func readWithoutKey(
        _ lineage: Lineage, on clock: some Clock<Duration>
    ) async throws(LineageError) -> KeylessGeneration {
        if let pair = servedPair(of: lineage, withKey: false) { return pair.withoutKey }
        return try await repeating(on: clock) {
            attempt(
                lineage, withKey: false, { () throws(FileError) in try DirectoryHandle(opening: lineage.directory) }
            ) {
                (snapshot) throws(LineageError) in try keylessGeneration(of: lineage, from: snapshot)
            }
        }
    }

    private func servedPair(of lineage: Lineage, withKey: Bool) -> ServedPair? {
        ServedPair(
            of: lineage, withKey: withKey, at: .seconds(date().timeIntervalSince1970),
            recalling: memory ?? LineageMemory(signatures: nil))
    }

    /// Reads once, without waiting, for a caller that knows when to look again.
    ///
    /// - Returns: What counts if there is no further look, and whether it is whole: else it may be the middle of something.
    public func glance(at lineage: Lineage) -> (outcome: Result<Generation, LineageError>, isWhole: Bool) {
        let attempt = attempt(lineage) { () throws(FileError) in try DirectoryHandle(opening: lineage.directory) }
        return (attempt.outcome, !attempt.isWorthRepeating)
    }

    /// Reads through any view, which `open` gives anew for each try: the directory itself may be replaced.
    func read<View: LineageView & ~Copyable>(
        _ lineage: Lineage, on clock: some Clock<Duration>, open: () throws(FileError) -> View
    ) async throws(LineageError) -> Generation {
        try await repeating(on: clock) { attempt(lineage, open) }
    }

    private func repeating<Value>(
        on clock: some Clock<Duration>, _ attempt: () -> Attempt<Value>
    ) async throws(LineageError) -> Value {
        let start = clock.now
        var pause = Duration.milliseconds(1)
        while true {
            let attempt = attempt()
            let left = bound - start.duration(to: clock.now)
            guard attempt.isWorthRepeating, left > .zero, (try? await clock.sleep(for: min(pause, left))) != nil else {
                return try attempt.outcome.get()
            }
            pause = min(pause * 2, .milliseconds(200))
        }
    }
}

extension GenerationReader {
    /// What one try has come to.
    private struct Attempt<Value> {
        /// What counts if there is no further one.
        let outcome: Result<Value, LineageError>
        /// Whether it may have seen the middle of something.
        let isWorthRepeating: Bool
    }

    private func attempt<View: LineageView & ~Copyable>(
        _ lineage: Lineage, _ open: () throws(FileError) -> View
    ) -> Attempt<Generation> {
        attempt(lineage, withKey: true, open) { (snapshot) throws(LineageError) in
            try generation(of: lineage, from: snapshot)
        }
    }

    private func attempt<View: LineageView & ~Copyable, Value>(
        _ lineage: Lineage, withKey: Bool, _ open: () throws(FileError) -> View,
        making make: (Snapshot) throws(LineageError) -> Value
    ) -> Attempt<Value> {
        // Before anything is read, so that nothing seems older than it is.
        let now = Duration.seconds(date().timeIntervalSince1970)
        do throws(FileError) {
            return attempt(lineage, withKey: withKey, through: try open(), at: now, making: make)
        } catch {
            return Attempt(outcome: .failure(.file(lineage: lineage.name, error)), isWorthRepeating: false)
        }
    }

    private func attempt<Value>(
        _ lineage: Lineage, withKey: Bool, through view: borrowing some LineageView & ~Copyable, at now: Duration,
        making make: (Snapshot) throws(LineageError) -> Value
    ) -> Attempt<Value> {
        let snapshot: Snapshot
        do throws(LineageError) {
            snapshot = try Snapshot(of: lineage, withKey: withKey, through: view, at: now)
        } catch {
            let isWorthRepeating =
                switch error {
                case .stillChanging, .file(_, .changedWhileRead): true
                case .mixed, .file(_, .missing): !isSettled(view, at: now)
                default: false
                }
            return Attempt(outcome: .failure(error), isWorthRepeating: isWorthRepeating)
        }
        do throws(LineageError) {
            let made = try make(snapshot)
            switch snapshot.names {
            case .links(_, isUpdating: true):
                return Attempt(outcome: .success(made), isWorthRepeating: !isSettled(view, at: now))
            case .files where (.zero - Self.quiet..<Self.quiet).contains(now - snapshot.lastChange):
                return Attempt(outcome: .failure(.stillChanging(lineage: lineage.name)), isWorthRepeating: true)
            // A time far ahead of the clock says nothing about how long ago it was.
            case .links, .files: return Attempt(outcome: .success(made), isWorthRepeating: false)
            }
        } catch {
            return Attempt(outcome: .failure(error), isWorthRepeating: now - snapshot.lastChange < Self.quiet)
        }
    }

    /// Whether no name has been made or removed for as long as is waited at most.
    private func isSettled(_ view: borrowing some LineageView & ~Copyable, at now: Duration) -> Bool {
        guard let directory = try? view.identity() else { return false }
        return now - directory.changed >= bound
    }

    private func generation(of lineage: Lineage, from snapshot: Snapshot) throws(LineageError) -> Generation {
        let (number, archive, remarks) = surroundings(of: lineage, snapshot)
        var generation = try Generation(
            of: lineage, number: number, archive: archive, from: snapshot.contents,
            recalling: memory ?? LineageMemory(signatures: nil))
        generation.withoutKey.remarks += generation.withoutKey.keyFiles.compactMap { file in
            snapshot.contents[file].flatMap { KeyExposure(of: $0.path, $0.identity, trusting: keyGroups)?.finding }
        }
        generation.withoutKey.remarks += remarks
        return generation
    }

    private func keylessGeneration(
        of lineage: Lineage, from snapshot: Snapshot
    ) throws(LineageError) -> KeylessGeneration {
        let (number, archive, remarks) = surroundings(of: lineage, snapshot)
        var generation = try KeylessGeneration(
            of: lineage, number: number, archive: archive, from: snapshot.contents,
            recalling: memory ?? LineageMemory(signatures: nil))
        generation.remarks += remarks
        return generation
    }

    /// What the names tell beside the files.
    private func surroundings(
        of lineage: Lineage, _ snapshot: Snapshot
    ) -> (number: Int?, archive: LineageArchive?, remarks: [Finding]) {
        var number: Int?
        var archive: LineageArchive?
        var remarks: [Finding] = []
        switch snapshot.names {
        case .links(let files, let isUpdating):
            number = files.cert.number
            archive = LineageArchive(of: lineage, at: lineage.directory.pushing(FilePath(files.cert.directory)))
            if isUpdating { remarks.append(.updateStuck(in: lineage)) }
        case .files where lineage.isCertbots: remarks.append(.liveNotSymlink(in: lineage))
        case .files: break
        }
        return (number, archive, remarks)
    }
}

extension Finding {
    fileprivate static func updateStuck(in lineage: Lineage) -> Finding {
        Finding(
            .updateStuck, "\(lineage): certbot has left an update half done: previous_*.pem in \(lineage.directory)",
            remedy: "certbot puts it right when it starts: certbot certificates --cert-name \(lineage)",
            location: lineage.directory.string)
    }

    fileprivate static func liveNotSymlink(in lineage: Lineage) -> Finding {
        Finding(
            .liveNotSymlink,
            "\(lineage): the files are not certbot's links into its archive, so it will not renew them",
            remedy: "see what certbot makes of it: certbot certificates --cert-name \(lineage)",
            location: lineage.directory.string)
    }
}

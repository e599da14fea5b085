import CertKit
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite struct FileLockTests {
    let scratch: ScratchDirectory
    let path: FilePath

    init() throws {
        scratch = try ScratchDirectory()
        path = scratch.file("lock")
    }

    /// Waits until nobody holds the lock.
    ///
    /// A child that a test beside this one has just forked holds all of this process's locks with it until it runs its
    /// program. Of that moment no event tells.
    func waitUntilFree() async throws {
        try await FileLock.acquire(at: path, within: .seconds(1 << 40), on: SteppingClock()).release()
        while FileLock.holder(of: path) != nil { await Task.yield() }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a lock says who holds it, and is free afterwards`() async throws {
        let clock = SteppingClock()
        let first = try await FileLock.acquire(at: path, within: .seconds(30), on: clock)
        let holder = try #require(FileLock.holder(of: path))
        #expect(holder.pid == getpid())
        let error = await #expect(throws: LockError.self) {
            try await FileLock.acquire(at: path, within: .seconds(30), on: clock).release()
        }
        #expect(error == .held(path: path, by: holder, waited: .seconds(30)))
        #expect(
            error?.description == "\(path): process \(getpid()) (\(holder.command)) still holds the lock after 30 s")
        #expect(error?.remedy.contains("ps -fp \(getpid())") == true)

        first.release()
        try await waitUntilFree()
    }

    @Test(.timeLimit(.minutes(5)))
    func `taking a lock writes nothing`() async throws {
        try await FileLock.acquire(at: path, within: .zero, on: SteppingClock()).release()
        let before = try scratch.stat("lock")
        try await waitUntilFree()
        let after = try scratch.stat("lock")
        #expect(after.size == 0)
        #expect((after.st_mtim.tv_sec, after.st_mtim.tv_nsec) == (before.st_mtim.tv_sec, before.st_mtim.tv_nsec))
    }

    @Test func `who waits gets the lock as soon as it is free`() async throws {
        let holding = AsyncStream<Void>.makeStream()
        let waiting = AsyncStream<Void>.makeStream()
        let holder = Task { [path] in
            let lock = try await FileLock.acquire(at: path, within: .zero, on: ContinuousClock())
            holding.continuation.finish()
            for await _ in waiting.stream {}
            lock.release()
        }
        for await _ in holding.stream {}
        let clock = SteppingClock { sleeps in
            // The holder lets go during the third sleep; from then on it is only a matter of when it gets to run.
            if sleeps == 3 { waiting.continuation.finish() }
        }
        try await FileLock.acquire(at: path, within: .seconds(1 << 40), on: clock).release()
        #expect(clock.sleeps.count > 3)
        try await holder.value
    }

    @Test func `a crash frees the lock`() async throws {
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path.string as String] in
            let lock = try await FileLock.acquire(
                at: FilePath(path), within: .zero, on: ContinuousClock())
            raise(SIGKILL)
            lock.release()
        }
        #expect(FileLock.holder(of: path) == nil)
        let lock = try await FileLock.acquire(at: path, within: .zero, on: SteppingClock())
        lock.release()
    }

    @Test func `who is cancelled while waiting stops waiting`() async throws {
        let held = try await FileLock.acquire(at: path, within: .zero, on: SteppingClock())
        let started = AsyncStream<Void>.makeStream()
        let waiter = Task { [path] in
            let clock = SteppingClock { _ in started.continuation.finish() }
            try await FileLock.acquire(at: path, within: .seconds(1 << 40), on: clock).release()
        }
        for await _ in started.stream {}
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        held.release()
    }

    enum Obstacle: CaseIterable { case hardLink, link, fifo, directory, missingDirectory }

    @Test(.timeLimit(.minutes(5)), arguments: Obstacle.allCases)
    func `somebody else's file is never written`(obstacle: Obstacle) async throws {
        let victim = try scratch.write("kept", to: "victim")
        var path = path
        let expected: LockError
        switch obstacle {
        case .hardLink:
            try scratch.makeHardLink("lock", to: "victim")
            expected = .notALockFile(path: path)
        case .link:
            try scratch.makeLink("lock", to: victim.string)
            expected = .failed(path: path, .tooManySymbolicLinkLevels)
        case .fifo:
            try scratch.makeNode("lock", S_IFIFO)
            expected = .notALockFile(path: path)
        case .directory:
            try scratch.makeDirectory("lock")
            expected = .failed(path: path, .isDirectory)
        case .missingDirectory:
            path = scratch.file("nowhere/lock")
            expected = .failed(path: path, .noSuchFileOrDirectory)
        }
        await #expect(throws: expected) {
            try await FileLock.acquire(at: path, within: .zero, on: SteppingClock()).release()
        }
        #expect(try scratch.read("victim") == "kept")
    }

    @Test func `a lock that somebody else has from a process that ended names nobody`() async throws {
        try scratch.write("", to: "lock")
        let script = "flock 9 && echo locked >&2 && exec sleep 3600"
        let program = try await RunningProgram.start(["bash", "-c", "exec 9<\(path) && \(script)"])
        try await program.log.wait(for: "locked")
        #expect(FileLock.holder(of: path) == nil)
        await #expect(throws: LockError.held(path: path, by: nil, waited: .zero)) {
            try await FileLock.acquire(at: path, within: .zero, on: SteppingClock()).release()
        }
        program.signal(SIGKILL)
    }

    @Test func `nobody holds a lock whose file is missing`() {
        #expect(FileLock.holder(of: scratch.file("missing")) == nil)
        #expect(readKernelFile(at: scratch.file("missing")) == nil)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can stop being root"))
    func `a daemon without privileges locks what it may, and leaves the file as it is`() async {
        await #expect(processExitsWith: .success) {
            let scratch = try ScratchDirectory()
            try scratch.setMode(0o777, of: "")
            try #require(seteuid(65534) == 0)
            let lock = try await FileLock.acquire(at: scratch.file("lock"), within: .zero, on: SteppingClock())
            try #require(seteuid(0) == 0)
            lock.release()
            #expect(try scratch.stat("lock").userID.rawValue == 65534)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root changes the lock file of another"))
    func `root lets everybody open the lock file`() async throws {
        try scratch.write("", to: "lock", mode: .ownerReadWrite)
        try await FileLock.acquire(at: path, within: .zero, on: SteppingClock()).release()
        #expect(try scratch.stat("lock").permissions == [.ownerReadWrite, .groupRead, .otherRead])
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a directory away"))
    func `root leaves the lock file to the owner of its directory`() async throws {
        try scratch.makeDirectory("state")
        try scratch.give("state", to: 4242, 4243)
        try await FileLock.acquire(
            at: scratch.file("state/lock"), within: .zero, on: SteppingClock()
        ).release()
        let stat = try scratch.stat("state/lock")
        #expect((stat.userID.rawValue, stat.groupID.rawValue) == (4242, 4243))
    }
}

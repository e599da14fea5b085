import CertKit
import Synchronization
import SystemPackage
import Testing

@testable import certd

/// Which directories are watched; the kernel is a table here, because its limit belongs to all who use this machine.
@Suite struct WatchesTests {
    /// Watches handed out and ended, up to a limit.
    private final class Kernel: Sendable {
        private struct State {
            var next: CInt = 1
            var watched: [FilePath: CInt] = [:]
            var missing: Set<FilePath> = []
        }
        private let limit: Int
        private let state = Mutex(State())

        init(limit: Int = .max) { self.limit = limit }

        var watched: Set<FilePath> { state.withLock { Set($0.watched.keys) } }
        func watch(of path: FilePath) -> CInt? { state.withLock { $0.watched[path] } }
        /// The directory is replaced by another one, or removed.
        func replace(_ path: FilePath) { state.withLock { $0.watched[path] = nil } }
        func setMissing(_ path: FilePath, _ isMissing: Bool) {
            state.withLock { state in
                if isMissing { state.missing.insert(path) } else { state.missing.remove(path) }
            }
        }

        var source: Watches.Source {
            Watches.Source { [self] path throws(Errno) in
                let result: Result<CInt, Errno> = state.withLock { state in
                    if state.missing.contains(path) { return .failure(.noSuchFileOrDirectory) }
                    if let watch = state.watched[path] { return .success(watch) }
                    if state.watched.count >= limit { return .failure(.noSpace) }
                    defer { state.next += 1 }
                    state.watched[path] = state.next
                    return .success(state.next)
                }
                return try result.get()
            } end: { [self] watch in
                state.withLock { state in
                    if let path = state.watched.first(where: { $0.value == watch })?.key { state.watched[path] = nil }
                }
            }
        }
    }

    private let common: Set<FilePath> = ["/etc/letsencrypt/live", "/run/haproxy"]
    private let lineages: [Lineage]
    private let directories: Set<FilePath> = ["/etc/letsencrypt/live/a", "/etc/letsencrypt/live/b"]

    init() throws { lineages = try ["a", "b"].map { try Lineage($0, below: "/etc/letsencrypt") } }

    @Test func `every lineage is watched, and no longer when it goes`() {
        let kernel = Kernel()
        var watches = Watches(.success(kernel.source))
        watches.update(common: common, lineages: lineages)
        #expect(kernel.watched == common.union(directories))
        watches.update(common: common, lineages: lineages.suffix(1))
        #expect(kernel.watched == common.union(["/etc/letsencrypt/live/b"]))
        #expect(watches.obstacle == nil)
    }

    @Test func `above the limit no lineage is watched, only what concerns all`() {
        let kernel = Kernel(limit: 3)
        var watches = Watches(.success(kernel.source))
        watches.update(common: common, lineages: lineages)
        #expect(kernel.watched == common)
        #expect(watches.obstacle == .limit)
        watches.update(common: common, lineages: [])
        watches.tryAgain()
        watches.update(common: common, lineages: lineages.suffix(1))
        #expect(watches.obstacle == nil && kernel.watched.count == 3)
    }

    @Test func `a directory that is replaced is watched anew, and one that comes back too`() throws {
        let kernel = Kernel()
        let path: FilePath = "/etc/letsencrypt/live/a"
        var watches = Watches(.success(kernel.source))
        watches.update(common: common, lineages: lineages)
        let old = try #require(kernel.watch(of: path))
        kernel.replace(path)
        watches.renew(.lineage(lineages[0]))
        let new = try #require(kernel.watch(of: path))
        #expect(new != old)
        #expect(watches.place(of: WatchEvent(watch: old, name: "")) == nil)
        #expect(watches.place(of: WatchEvent(watch: new, name: "")) == .lineage(lineages[0]))

        kernel.setMissing(path, true)
        watches.forget(new)
        kernel.replace(path)
        watches.update(common: common, lineages: lineages)
        #expect(kernel.watch(of: path) == nil && watches.obstacle == nil)
        kernel.setMissing(path, false)
        watches.update(common: common, lineages: lineages)
        #expect(kernel.watch(of: path) != nil)
    }

    @Test func `a lineage whose directory is watched for other reasons has no watch of its own`() throws {
        let kernel = Kernel()
        var watches = Watches(.success(kernel.source))
        watches.update(common: common, lineages: lineages)
        let wider = common.union(["/etc/letsencrypt/live/a"])
        for _ in 1...2 {
            watches.update(common: wider, lineages: lineages)
            let watch = try #require(kernel.watch(of: "/etc/letsencrypt/live/a"))
            #expect(watches.place(of: WatchEvent(watch: watch, name: "")) == .directory("/etc/letsencrypt/live/a"))
        }
        watches.update(common: common, lineages: lineages)
        let watch = try #require(kernel.watch(of: "/etc/letsencrypt/live/a"))
        #expect(watches.place(of: WatchEvent(watch: watch, name: "")) == .lineage(lineages[0]))
    }

    @Test func `without inotify nothing is watched, and that is known`() {
        var watches = Watches(.failure(.tooManyOpenFiles))
        watches.update(common: common, lineages: lineages)
        watches.tryAgain()
        #expect(watches.obstacle == .system(.tooManyOpenFiles))
    }

    @Test func `what the kernel writes is read as events`() {
        func event(_ watch: UInt32, _ mask: UInt32, _ name: String = "") -> [UInt8] {
            let length = name.isEmpty ? 0 : (name.utf8.count / 16 + 1) * 16
            let words = [watch, mask, 0, UInt32(length)]
            let bytes = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
            let text = Array(name.utf8)
            return bytes + text + [UInt8](repeating: 0, count: length - text.count)
        }
        let all =
            event(3, 0x100, "cert.pem") + event(4, 0x800) + event(5, 0x8000) + event(.max, 0x4000) + event(6, 0x2000)
        #expect(
            all[...].inotifyEvents == [
                WatchEvent(watch: 3, name: "cert.pem"), WatchEvent(watch: 4, name: "", isLost: true),
                WatchEvent(watch: 5, name: "", isEnd: true, isLost: true), nil,
                WatchEvent(watch: 6, name: "", isLost: true),
            ])
        for length in 0..<all.count { _ = all[..<length].inotifyEvents }
    }
}

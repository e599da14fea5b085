import CLinux
import Dispatch
import Glibc
import SystemPackage

/// An event on a watched directory: a hint to look at the files, which say what is so.
struct WatchEvent: Hashable, Sendable {
    /// The watch, as ``Inotify/watch(_:)`` gave it.
    let watch: CInt
    /// The name in the directory; empty for the directory itself.
    let name: String
    /// Whether the watch ended with it.
    var isEnd = false
    /// Whether the path leads elsewhere from now on: the directory was moved away, removed, or its file system unmounted.
    var isLost = false
}

/// An inotify instance, sole owner of its descriptor.
///
/// `@unchecked Sendable`: both properties are set in `init` alone. The kernel serializes what is called on the descriptor,
/// which stays open until the source is cancelled, and that is in `deinit`, when nobody else has a reference;
/// dispatch_source_cancel(3) may be called from any thread, which Dispatch's Swift types do not say.
final class Inotify: @unchecked Sendable {
    /// What happens, as it comes; nil stands for events that were lost because there were too many.
    typealias Handler = @Sendable (WatchEvent?) -> Void

    private let descriptor: CInt
    private let source: any DispatchSourceRead

    /// - Throws: the system's error, such as `EMFILE` where the user has too many instances.
    init(_ handler: @escaping Handler) throws(Errno) {
        let descriptor = inotify_init1(CInt(IN_NONBLOCK) | CInt(IN_CLOEXEC))
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        self.descriptor = descriptor
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: DispatchQueue(label: "inotify"))
        source.setEventHandler { read(all: descriptor, handler) }
        source.setCancelHandler { close(descriptor) }
        source.activate()
    }

    deinit { source.cancel() }

    /// Watches the names in the directory at `path`.
    ///
    /// - Throws: the system's error, which is `ENOSPC` above the limit of watches.
    func watch(_ path: FilePath) throws(Errno) -> CInt {
        let events =
            IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF
            | IN_ONLYDIR
        let watch = unsafe inotify_add_watch(
            descriptor, path.string, UInt32(bitPattern: Int32(truncatingIfNeeded: Int(events))))
        guard watch >= 0 else { throw Errno(rawValue: errno) }
        return watch
    }

    /// Ends a watch, if there still is one.
    func end(_ watch: CInt) { inotify_rm_watch(descriptor, watch) }
}

/// Reads all events that have come.
private func read(all descriptor: CInt, _ handler: Inotify.Handler) {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
        let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return }
        for event in buffer[..<count].inotifyEvents { handler(event) }
    }
}

extension ArraySlice<UInt8> {
    /// The events in what an inotify descriptor gives (inotify(7)): watch, mask, cookie and length, 32 bits each, then the
    /// name, filled up with zeros. nil stands for lost ones.
    var inotifyEvents: [WatchEvent?] {
        var events: [WatchEvent?] = []
        var rest = self
        while rest.count >= 16 {
            let words = (0..<4).map { index in
                rest.dropFirst(index * 4).prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            }
            let mask = words[1]
            let name = rest.dropFirst(16).prefix(Int(words[3]))
            rest = rest.dropFirst(16 + Int(words[3]))
            func has(_ bits: Int) -> Bool { mask & UInt32(truncatingIfNeeded: bits) != 0 }
            guard !has(Int(IN_Q_OVERFLOW)) else {
                events.append(nil)
                continue
            }
            events.append(
                WatchEvent(
                    watch: CInt(bitPattern: words[0]), name: String(decoding: name.prefix { $0 != 0 }, as: UTF8.self),
                    isEnd: has(Int(IN_IGNORED)),
                    isLost: has(Int(IN_IGNORED | IN_UNMOUNT | IN_MOVE_SELF | IN_DELETE_SELF))))
        }
        return events
    }
}

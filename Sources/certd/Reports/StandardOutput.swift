import Synchronization
import SystemPackage

/// Standard output is the answer. Each line goes out at once, so that it stands in order with standard error, and an
/// answer that could not be given fails the command: a full disk must not look like success.
enum StandardOutput {
    private static let firstFailure = Mutex<Errno?>(nil)

    /// What kept the answer from being given whole; nil where nothing did.
    static var failure: Errno? { firstFailure.withLock { $0 } }

    /// Prints a line.
    static func print(_ line: String) { write("\(line)\n") }

    /// Prints a text that brings its own line ends.
    ///
    /// After a failure nothing more is printed, but the caller's work goes on: a deployment does not depend on its report.
    static func write(_ text: String) {
        guard failure == nil else { return }
        do {
            _ = try FileDescriptor.standardOutput.writeAll(text.utf8)
        } catch Errno.brokenPipe {
            // The reader has gone, as `head -1` does when it has what it wanted.
        } catch {
            firstFailure.withLock { $0 = error as? Errno ?? .ioError }
        }
    }

    /// Prints the lines that `lines` hands over, which may be very many, a good many at once.
    static func writeLines(_ lines: ((String) -> Void) -> Void) {
        var waiting = ""
        lines { line in
            waiting += line
            guard waiting.utf8.count >= 16_384 else { return }
            write(waiting)
            waiting.removeAll(keepingCapacity: true)
        }
        write(waiting)
    }

    /// Gives standard input, output and error something to be, where whoever started certd closed them.
    ///
    /// The first file that is opened would get the free number, and the answer would be written into it. A directory takes
    /// no bytes, so writing to what was closed still fails.
    static func occupyClosedDescriptors() {
        while let descriptor = try? FileDescriptor.open(FilePath("/"), .readOnly, options: .directory) {
            guard descriptor.rawValue > FileDescriptor.standardError.rawValue else { continue }
            try? descriptor.close()
            return
        }
    }
}

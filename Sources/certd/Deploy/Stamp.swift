import CertKit
import Glibc
import SystemPackage

/// What one stat tells of a file or directory, in one number: two equal ones mean that nothing was touched in between.
///
/// One number, because there is one for each of 10,000 lineages and their bundles.
struct Stamp: Hashable, Sendable {
    private let value: Int

    /// Looks at `path`, following links; nothing being there is a state like others.
    init(of path: FilePath) {
        self.init(of: [path])
    }

    /// Looks at the directory of a lineage; what is not certbot's may be written in place, so there the files count too.
    init(of lineage: Lineage) {
        let directory = lineage.directory
        let files = lineage.isCertbots ? [] : LineageFile.allCases.map { directory.appending("\($0.rawValue).pem") }
        self.init(of: [directory] + files)
    }

    /// The same, by a shorter way to a lineage of certbot's in `live`, where that is open.
    init(of lineage: Lineage, in live: borrowing DirectoryHandle?) {
        guard lineage.isCertbots else {
            self.init(of: lineage)
            return
        }
        var hasher = Hasher()
        do throws(Errno) {
            guard let stat = try live?.stat(of: lineage) else {
                self.init(of: lineage)
                return
            }
            hasher.combine(stat)
        } catch {
            hasher.combine(error.rawValue)
        }
        self.init(value: hasher.finalize())
    }

    /// The same as of the path of `name` at `path`, by a shorter way where that directory is open.
    init(of name: FilePath, in directory: borrowing DirectoryHandle?, at path: FilePath) {
        var hasher = Hasher()
        do throws(Errno) {
            guard let stat = try directory?.stat(named: name) else {
                self.init(of: path.pushing(name))
                return
            }
            hasher.combine(stat)
        } catch {
            hasher.combine(error.rawValue)
        }
        self.init(value: hasher.finalize())
    }

    private init(value: Int) { self.value = value }

    private init(of paths: [FilePath]) {
        var hasher = Hasher()
        for path in paths {
            do throws(Errno) {
                hasher.combine(try Stat(path))
            } catch {
                hasher.combine(error.rawValue)
            }
        }
        value = hasher.finalize()
    }
}

extension Hasher {
    /// Which file it is, how long, and when it was touched.
    fileprivate mutating func combine(_ stat: Stat) {
        combine(stat.deviceID.rawValue)
        combine(stat.inode.rawValue)
        combine(stat.size)
        for time in [stat.st_mtim, stat.st_ctim] {
            combine(time.tv_sec)
            combine(time.tv_nsec)
        }
    }
}

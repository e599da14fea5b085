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

    private init(of paths: [FilePath]) {
        var hasher = Hasher()
        for path in paths {
            do throws(Errno) {
                let stat = try Stat(path)
                hasher.combine(stat.deviceID.rawValue)
                hasher.combine(stat.inode.rawValue)
                hasher.combine(stat.size)
                for time in [stat.st_mtim, stat.st_ctim] {
                    hasher.combine(time.tv_sec)
                    hasher.combine(time.tv_nsec)
                }
            } catch {
                hasher.combine(error.rawValue)
            }
        }
        value = hasher.finalize()
    }
}

import CertKit
import Glibc
import SystemPackage

/// The host: its clock, room on the disks, and watches.
extension SetupDoctor {
    /// Less room than this for a bundle and its successor is a problem, in bytes; and what is little.
    private static let leastRoom: UInt64 = 1 << 20
    private static let littleRoom: UInt64 = 16 << 20

    func hostPoints() -> [SetupPoint] {
        let now = inventory.world.now()
        let clock = Checker.clockFindings(on: now, builtAt: Version.builtAt).map { SetupPoint.finding("clock", $0) }
        let rooms = (bundleDirectories + [settings.state]).compactMap(roomPoint)
        return (clock.isEmpty ? [.ok("clock", now.utc)] : clock) + rooms + [watchPoint()].compactMap(\.self)
    }

    private func roomPoint(_ directory: FilePath) -> SetupPoint? {
        var system = statvfs()
        guard unsafe statvfs(directory.string, &system) == 0 else { return nil }
        let free = UInt64(system.f_bavail) * UInt64(system.f_frsize)
        let isOutOfFiles = system.f_files > 0 && system.f_favail == 0
        let megabytes = "\(directory): \(free >> 20) MiB free\(isOutOfFiles ? ", but no further file" : "")"
        let fix = "make room: df -h \(directory); df -i counts the files"
        if free < SetupDoctor.leastRoom || isOutOfFiles { return .problem("disk", megabytes, fix: fix) }
        return free < SetupDoctor.littleRoom ? .warning("disk", megabytes, fix: fix) : .ok("disk", megabytes)
    }

    /// One for each lineage and some for directories; above the limit the daemon notices renewals within a minute only.
    private func watchPoint() -> SetupPoint? {
        guard
            let limit = readKernelFile(at: "/proc/sys/fs/inotify/max_user_watches")
                .flatMap({ Int($0.filter(\.isNumber)) })
        else { return nil }
        let needed = inventory.lineages.count + bundleDirectories.count + 8
        guard needed <= limit else {
            return .warning(
                "watches", "\(needed) are needed, and a user may have \(limit): renewals are noticed a minute late",
                fix: "echo fs.inotify.max_user_watches=\(needed * 2) >/etc/sysctl.d/certd.conf && sysctl --system")
        }
        return .ok("watches", "\(needed) of \(limit) that a user may have")
    }
}

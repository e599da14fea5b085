import SystemPackage
import Testing

@testable import CertKit

/// What is said of files, locks and lineages that cannot be had, and what to do about it.
@Suite struct ErrorTextTests {
    struct Case: Sendable {
        let error: any Diagnosis
        let id: FindingID
        let location: String?
        let says: String
        let remedy: String

        init(_ error: any Diagnosis, _ id: FindingID, at location: String?, says: String, remedy: String) {
            (self.error, self.id, self.location, self.says, self.remedy) = (error, id, location, says, remedy)
        }
    }

    private static let path: FilePath = "/keys/site.pem"

    private static let files = [
        Case(
            FileError.missing(path: path), .fileMissing, at: "/keys/site.pem", says: "no such file",
            remedy: "namei -l /keys/site.pem"),
        Case(
            FileError.notAFile(path: path, .blockDevice), .notAFile, at: "/keys/site.pem", says: "a block device",
            remedy: "ls -ld /keys/site.pem"),
        Case(
            FileError.tooLarge(path: path, limit: 9), .fileTooLarge, at: "/keys/site.pem", says: "larger than 9 bytes",
            remedy: "head /keys/site.pem"),
        Case(
            FileError.changedWhileRead(path: path), .fileUnreadable, at: "/keys/site.pem",
            says: "changed while it was read", remedy: "fuser -v /keys/site.pem"),
        Case(
            FileError.foreignLink(path: path, owner: 4242), .fileUnreadable, at: "/keys/site.pem", says: "of user 4242",
            remedy: "namei -l /keys/site.pem"),
        Case(
            FileError.unreadable(path: path, .ioError), .fileUnreadable, at: "/keys/site.pem",
            says: "input or output error", remedy: "dmesg"),
        Case(
            FileError.unreadable(path: "site.pem", .readOnlyFileSystem), .fileUnreadable, at: "site.pem",
            says: "read-only", remedy: "findmnt -T ."),
    ]

    private static let writing = [
        Case(
            WriteError.directory(.missing(path: "/keys")), .deployFailed, at: "/keys", says: "no such file",
            remedy: "install -d -m 0750 /keys"),
        Case(
            WriteError.directory(.unreadable(path: "/keys", .notDirectory)), .deployFailed, at: "/keys",
            says: "not a directory", remedy: "namei -l /keys"),
        Case(
            WriteError.directoryUnsafe(path: "/keys", .group(50)), .deployFailed, at: "/keys",
            says: "group 50 may write it", remedy: "chown root /keys"),
        Case(WriteError.noName(path: "/"), .deployFailed, at: "/", says: "\"/\" does not end", remedy: "certd check"),
        Case(
            WriteError.failed(.setOwner, path: path, .notPermitted), .deployFailed, at: "/keys/site.pem",
            says: "cannot give the new file its owner", remedy: "only root gives files away"),
        Case(
            WriteError.failed(.write, path: path, .noSpace), .deployFailed, at: "/keys/site.pem", says: "no space left",
            remedy: "df -h /keys"),
        Case(
            WriteError.notDurable(path: path, .ioError), .deployFailed, at: "/keys/site.pem",
            says: "may be gone after a power loss", remedy: "dmesg"),
        Case(
            WriteError.unknownUser("nobodyatall"), .deployFailed, at: nil, says: "no user named",
            remedy: "getent passwd nobodyatall"),
        Case(
            WriteError.unknownGroup("nobodyatall"), .deployFailed, at: nil, says: "no group named",
            remedy: "getent group nobodyatall"),
    ]

    private static let holder = LockHolder(pid: 7, command: "certd hook")
    private static let locks = [
        Case(
            LockError.held(path: "/run/lock", by: holder, waited: .seconds(30)), .deployFailed, at: "/run/lock",
            says: "process 7 (certd hook) still holds", remedy: "ps -fp 7"),
        Case(
            LockError.held(path: "/run/lock", by: nil, waited: .seconds(30)), .deployFailed, at: "/run/lock",
            says: "another process still holds", remedy: "fuser -v /run/lock"),
        Case(
            LockError.notALockFile(path: "/run/lock"), .deployFailed, at: "/run/lock", says: "not a lock file of certd",
            remedy: "ls -li /run/lock"),
        Case(
            LockError.failed(path: "/run/lock", .permissionDenied), .deployFailed, at: "/run/lock",
            says: "cannot lock: permission denied", remedy: "namei -l /run/lock"),
    ]

    private static let lineages = [
        Case(
            LineageError.noCertificate(lineage: "site", file: "/keys/site.pem"), .pemUnreadable, at: "/keys/site.pem",
            says: "site:", remedy: "openssl storeutl -noout -text /keys/site.pem"),
        Case(
            LineageError.stillChanging(lineage: "site"), .generationMixed, at: nil, says: "changed again and again",
            remedy: "pgrep -a certbot"),
        Case(
            LineageError.invalidName("a b"), .configurationInvalid, at: nil, says: "\"a b\" is no lineage",
            remedy: "certd check"),
        Case(
            LineageError.notBelieved(hint: "/etc", live: "/le/live"), .configurationInvalid, at: nil,
            says: "no lineage below /le/live", remedy: "certd deploy LINEAGE"),
        Case(
            BundleError.keyDoesNotMatchLeaf(lineage: "site"), .keyMismatch, at: nil,
            says: "site: the private key does not belong", remedy: "openssl pkey -in privkey.pem"),
    ]

    @Test(arguments: files + writing + locks + lineages)
    func `an error names its rule, its place, what is wrong and a command`(test: Case) {
        #expect(test.error.findingID == test.id)
        #expect(test.error.location == test.location)
        #expect(test.error.description.contains(test.says))
        #expect(test.error.remedy.contains(test.remedy))
    }
}

import CertKit
import FoundationEssentials
import Glibc
import Logging
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// What the daemon says to journald and systemd.
@Suite struct TellingTests {
    @Test func `the journal gets a message with priority and fields, and nothing in it ends a line`() async throws {
        let scratch = try ScratchDirectory()
        let path = scratch.file("journal.sock").string
        let journal = try DatagramListener(on: path)
        var status = stat()
        let isKnown = unsafe fstat(STDERR_FILENO, &status) == 0
        try #require(isKnown)
        let environment = ["JOURNAL_STREAM": "\(status.st_dev):\(status.st_ino)"]
        let logger = Logger(label: "certd") { _ in DaemonLog(environment: environment, journal: path) }

        logger.notice("deployed", metadata: ["lineage": "pbx\nPRIORITY=0", "bundle.path": "/a b.pem"])

        let entry = try await journal.heard.wait(for: "MESSAGE")
        #expect(
            entry.split(separator: "\n") == [
                #"MESSAGE=deployed lineage=pbx\nPRIORITY=0 bundle.path="/a b.pem""#, "PRIORITY=5",
                "SYSLOG_IDENTIFIER=certd", #"CERTD_LINEAGE=pbx\nPRIORITY=0"#, "CERTD_BUNDLE_PATH=/a b.pem",
            ])
    }

    @Test func `a value with line ends is sent with its length`() {
        var message = JournalMessage()
        message.add("A", "x")
        message.add("B", "x\ny")
        #expect(message.bytes == Array("A=x\nB\n\u{3}\0\0\0\0\0\0\0x\ny\n".utf8))
    }

    @Test(
        arguments: [
            ([:], nil), (["WATCHDOG_USEC": "1000000"], 500),
            (["WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "42"], 500),
            (["WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"], nil), (["WATCHDOG_USEC": "never"], nil),
        ] as [([String: String], Int?)])
    func `the watchdog is fed at half its time, where it is this process's`(
        environment: [String: String], milliseconds: Int?
    ) {
        let named = environment.merging(["NOTIFY_SOCKET": "@certd-nobody"]) { $1 }
        #expect(
            Supervisor(environment: named, processID: 42).watchdogInterval == milliseconds.map { .milliseconds($0) })
        #expect(Supervisor(environment: environment, processID: 42).watchdogInterval == nil, "nobody listens")
    }

    @Test(arguments: ["", "relative", "@" + String(repeating: "x", count: 200), "vsock:2:1234"])
    func `an address that is none is as good as no supervisor`(address: String) {
        let supervisor = Supervisor(environment: ["NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000000"])
        supervisor.ready()
        #expect(supervisor.watchdogInterval == nil)
    }

    @Test func `status is told when it changes, and hostile text in it stays one line`() async throws {
        let address = "@certd-status-\(UInt32.random(in: 0...UInt32.max))"
        let systemd = try DatagramListener(on: address)
        let supervisor = Supervisor(environment: ["NOTIFY_SOCKET": address])
        supervisor.show("one")
        supervisor.show("one")
        supervisor.show("two\nREADY=1")
        try await systemd.heard.wait(for: "two")
        #expect(systemd.heard.messages == ["STATUS=one", #"STATUS=two\nREADY=1"#])
    }
}

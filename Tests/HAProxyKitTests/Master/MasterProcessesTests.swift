import TestSupport
import Testing

@testable import HAProxyKit

/// What `show proc` says, word for word as the named versions said it.
@Suite struct MasterProcessesTests {
    static let header = "#<PID>          <type>          <reloads>       <uptime>        <version>      \n"

    struct Case: Sendable {
        let version: String
        let text: String
        let master: (pid: Int, reloads: Int, failed: Int)
        let worker: Int?
        let old: [Int]
    }

    static let cases = [
        Case(
            version: "2.6.12 with an old worker",
            text: header + """
                31270           master          2 [failed: 0]   0d00h00m04s     2.6.12-1+deb12u4
                # workers
                31497           worker          0               0d00h00m01s     2.6.12-1+deb12u4
                # old workers
                31387           worker          1               0d00h00m03s     2.6.12-1+deb12u4
                # programs


                """, master: (31270, 2, 0), worker: 31497, old: [31387]),
        Case(
            version: "2.6.12 after a reload that failed",
            text: header + """
                31270           master          3 [failed: 1]   0d00h00m06s     2.6.12-1+deb12u4
                # workers
                31497           worker          1               0d00h00m03s     2.6.12-1+deb12u4
                # programs


                """, master: (31270, 3, 1), worker: 31497, old: []),
        Case(
            version: "3.0.11",
            text: header + """
                31888           master          0 [failed: 0]   0d00h00m01s     3.0.11-1+deb13u3
                # workers
                31893           worker          0               0d00h00m01s     3.0.11-1+deb13u3
                # programs


                """, master: (31888, 0, 0), worker: 31893, old: []),
        // The worker that serves stands under "old workers" there.
        Case(
            version: "3.2.26 after a reload that failed",
            text: header + """
                32481           master          3 [failed: 1]   0d00h00m06s     3.2.26-1       
                # workers
                # old workers
                343             worker          1               0d00h00m03s     3.2.26-1       
                32578           worker          2               0d00h00m05s     3.2.26-1       


                """, master: (32481, 3, 1), worker: 343, old: [32578]),
        // Not installed here: from HAProxy's documentation.
        Case(
            version: "2.2",
            text: """
                #<PID>          <type>          <relative PID>  <reloads>       <uptime>        <version>
                1162            master          0               5               0d00h02m07s     2.2-dev0
                # workers
                1271            worker          1               0               0d00h00m00s     2.2-dev0
                # old workers
                1233            worker          [was: 1]        3               0d00h00m43s     2.0-dev3-6
                # programs
                1244            foo             -               0               0d00h00m00s     -


                """, master: (1162, 5, 0), worker: 1271, old: [1233]),
    ]

    @Test(arguments: cases.indices) func `master, worker and old workers are told apart`(index: Int) throws {
        let expected = Self.cases[index]
        let found = try #require(MasterProcesses(RuntimeAnswer(expected.text)), "\(expected.version)")
        #expect(found.master.pid == expected.master.pid)
        #expect(found.master.reloads == expected.master.reloads)
        #expect(found.failedReloads == expected.master.failed)
        #expect(found.worker?.pid == expected.worker)
        #expect(found.oldWorkers.map(\.pid) == expected.old)
    }

    @Test func `reloads, age and version of each are read`() throws {
        let text =
            Self.header
            + "7 master 12 [failed: 0] 1d02h03m04s 3.2.26-1\n# old workers\n8 worker 9 0d00h00m05s 3.0.1\n\n"
        let found = try #require(MasterProcesses(RuntimeAnswer(text)))
        #expect(found.master.uptime == .seconds(93_784))
        #expect(found.master.version == HAProxyVersion(3, 2, 26))
        #expect(found.worker?.reloads == 9)
        #expect(found.worker?.version == HAProxyVersion(3, 0, 1))
    }

    @Test(arguments: [
        "", "\n", "Unknown command: 'show'\n\n", "7 worker 0 0d00h00m01s 2.6\n\n", "x master 0 0d00h00m01s 2.6\n\n",
        "7 master 0 1s 2.6\n\n", "7 0d00h00m01s 0 master 2.6\n\n", "7 master x 0d00h00m01s 2.6\n\n",
        "7 master 0 99999999999999999999d00h00m01s 2.6\n\n",
    ])
    func `what names no master is not understood`(text: String) {
        #expect(MasterProcesses(RuntimeAnswer(text)) == nil)
    }
}

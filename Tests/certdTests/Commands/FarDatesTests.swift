import TestSupport
import Testing

/// Dates at the ends of what a certificate can say, as each form of the answer tells them.
@Suite struct FarDatesTests {
    @Test func `every form of the answer holds dates from 1950 to 9999`() async throws {
        let program = try await BuiltProgram(lineages: [
            ("past", ["--not-before=1950-01-01T00:00:00Z", "--not-after=1950-01-01T00:00:01Z"]),
            ("all", ["--not-before=1950-01-01T00:00:00Z", "--not-after=9999-12-31T23:59:59Z"]),
            ("utc", ["--not-before=2026-01-01T00:00:00Z", "--not-after=2049-12-31T23:59:59Z"]),
            ("general", ["--not-before=2026-01-01T00:00:00Z", "--not-after=2050-01-01T00:00:00Z"]),
            ("unsigned", ["--not-before=2026-01-01T00:00:00Z", "--not-after=2066-02-06T06:28:16Z"]),
            ("future", ["--not-before=9999-12-31T23:59:58Z", "--not-after=9999-12-31T23:59:59Z"]),
        ])
        for (arguments, told) in [
            (
                ["check"],
                [
                    #/past +critical +expired \d+d.* ago \(1950-01-01 00:00Z\).*/#,
                    #/all .*\dd(?: \d+h)? \(9999-12-31 23:59Z\).*/#,
                    #/future +critical .*not-yet-valid/#, #/utc .*\(2049-12-31 23:59Z\).*/#,
                    #/general .*\(2050-01-01 00:00Z\).*/#, #/unsigned .*\(2066-02-06 06:28Z\).*/#,
                ]
            ),
            (
                ["check", "--json"],
                [
                    #/ *"not_after" : "1950-01-01T00:00:01Z",/#, #/ *"not_before" : "1950-01-01T00:00:00Z",/#,
                    #/ *"not_after" : "9999-12-31T23:59:59Z",/#, #/ *"not_after" : "2066-02-06T06:28:16Z",/#,
                ]
            ),
            (
                ["check", "-o", "prometheus"],
                [
                    #/x509_cert_not_after{.*/past/.*} -631151999/#, #/x509_cert_not_after{.*/all/.*} 253402300799/#,
                    #/x509_cert_not_after{.*/utc/.*} 2524607999/#, #/x509_cert_not_after{.*/unsigned/.*} 3032663296/#,
                    #/x509_cert_not_before{.*/past/.*} -631152000/#, #/x509_cert_expired{.*/past/.*} 1/#,
                    #/x509_cert_expired{.*/future/.*} 0/#,
                ]
            ),
            (["check", "-o", "nagios"], [#/CERTD .* 'past'=-\d+s;0;0;0;1 .*'all'=\d+s;\d+;\d+;0;254033452799.*/#]),
            (
                ["status"],
                [
                    #/past  critical  expired .* ago \(1950-01-01 00:00Z\)/#, #/  lineage .*, issued \d+d.* ago/#,
                    #/  lineage .*, valid in \d+d.*/#, #/  renewal due in \d+d.* \(9999-12-31 23:59Z\)/#,
                ]
            ),
            (["inspect", "future"], [#/  0% used, not yet valid \(9999-12-31 23:59Z\)/#]),
            (["inspect", "past"], [#/  100% used, expired \d+d.* ago \(1950-01-01 00:00Z\)/#]),
        ] as [([String], [Regex<Substring>])] {
            let run = try await program.run(arguments)
            #expect(run.errors.isEmpty)
            let lines = run.output.split(separator: "\n")
            for line in told {
                #expect(lines.contains { $0.wholeMatch(of: line) != nil }, "\(arguments): \(run.output)")
            }
        }
    }
}

import CertKit
import Testing

@testable import certd

@Suite struct PainterTests {
    @Test(
        arguments: [
            (.auto, true, ["TERM": "xterm"], true), (.auto, false, ["TERM": "xterm"], false), (.auto, true, [:], false),
            (.auto, true, ["TERM": "dumb"], false), (.auto, true, ["TERM": "xterm", "NO_COLOR": "1"], false),
            (.auto, true, ["TERM": "xterm", "NO_COLOR": ""], true), (.always, false, ["NO_COLOR": "1"], true),
            (.never, true, ["TERM": "xterm"], false),
        ] as [(Painter.Choice, Bool, [String: String], Bool)])
    func `colours are for terminals whose users want them`(
        choice: Painter.Choice, isTerminal: Bool, environment: [String: String], wanted: Bool
    ) {
        let painter = Painter(choice, isTerminal: isTerminal) { environment[$0] }
        #expect(painter.isOn == wanted)
        #expect((painter.paint("ok", .ok) == "ok") == !wanted)
    }
}

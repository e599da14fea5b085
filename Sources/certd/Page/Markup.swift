import CertKit

/// HTML. Text goes into it escaped, only literals and other markup as they are: `"<b>\(name)</b>"` is safe whatever the name.
struct Markup: ExpressibleByStringInterpolation, Sendable {
    let html: String

    init(stringLiteral html: String) { self.html = html }

    init(stringInterpolation interpolation: StringInterpolation) { html = interpolation.html }

    init(_ parts: some Sequence<Markup>) { html = parts.map(\.html).joined() }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var html = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            html.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        mutating func appendLiteral(_ literal: String) { html += literal }

        mutating func appendInterpolation(_ markup: Markup) { html += markup.html }

        mutating func appendInterpolation(_ parts: some Sequence<Markup>) { for part in parts { html += part.html } }

        mutating func appendInterpolation(_ number: Int) { html += "\(number)" }

        /// A part of the whole, as SVG takes it.
        mutating func appendInterpolation(percent part: Double) {
            html += "\((min(max(part, 0), 1) * 10_000).rounded() / 100)%"
        }

        mutating func appendInterpolation(_ text: some StringProtocol) {
            for scalar in String(text).printable.unicodeScalars {
                switch scalar {
                case "&": html += "&amp;"
                case "<": html += "&lt;"
                case ">": html += "&gt;"
                case "\"": html += "&quot;"
                case "'": html += "&#39;"
                default: html.unicodeScalars.append(scalar)
                }
            }
        }
    }
}

/// Seconds since 1970 of a `Time` (RFC 5280, section 4.1.2.5): UTC, with seconds, ending in Z.
extension Span<UInt8> {
    /// Reads UTCTime, whose two digits mean 1950 to 2049, or GeneralizedTime with the years 0 to 9999.
    func secondsSince1970(_ time: DERElement) throws(DERError) -> Int64 {
        let yearDigits = time.tag == DERTag.utcTime ? 2 : 4
        guard time.tag == DERTag.utcTime || time.tag == DERTag.generalizedTime,
            time.content.count == yearDigits + 11, self[time.content.upperBound - 1] == UInt8(ascii: "Z")
        else { throw DERError(.badTime, at: time.whole.lowerBound) }
        var position = time.content.lowerBound
        var year = try number(yearDigits, at: &position)
        if yearDigits == 2 { year += year < 50 ? 2000 : 1900 }
        let month = try number(2, at: &position)
        let day = try number(2, at: &position)
        let hour = try number(2, at: &position)
        let minute = try number(2, at: &position)
        let second = try number(2, at: &position)
        guard (1...12).contains(month), (1...daysInMonth(month, of: year)).contains(day), hour < 24, minute < 60,
            second < 60
        else { throw DERError(.badTime, at: time.whole.lowerBound) }
        return Int64(((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
    }

    private func number(_ digits: Int, at position: inout Int) throws(DERError) -> Int {
        var value = 0
        for _ in 0..<digits {
            let digit = self[position] &- UInt8(ascii: "0")
            guard digit < 10 else { throw DERError(.badTime, at: position) }
            value = value * 10 + Int(digit)
            position += 1
        }
        return value
    }
}

private func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

private func daysInMonth(_ month: Int, of year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar.
///
/// Counted in years that begin in March, so that the leap day ends the year.
private func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let marchYear = month > 2 ? year : year - 1
    // One step beyond year 0 keeps every division below one of a number from 0 on.
    let shifted = marchYear + 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468 - 146_097
}

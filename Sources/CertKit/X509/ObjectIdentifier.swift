/// The object identifiers that certd knows.
///
/// Each is the content of its DER behind a leading 1, so that a comparison is one of numbers and no two are the same.
enum ObjectIdentifier {
    // Public keys and curves
    static let rsaEncryption: UInt128 = 0x1_2a86_4886_f70d_0101_01
    static let rsaPSS: UInt128 = 0x1_2a86_4886_f70d_0101_0a
    static let ecPublicKey: UInt128 = 0x1_2a86_48ce_3d02_01
    static let ed25519: UInt128 = 0x1_2b65_70
    static let ed448: UInt128 = 0x1_2b65_71
    static let x25519: UInt128 = 0x1_2b65_6e
    static let x448: UInt128 = 0x1_2b65_6f
    static let dsa: UInt128 = 0x1_2a86_48ce_3804_01
    static let diffieHellman: UInt128 = 0x1_2a86_4886_f70d_0103_01
    static let p256: UInt128 = 0x1_2a86_48ce_3d03_0107
    static let p384: UInt128 = 0x1_2b81_0400_22
    static let p521: UInt128 = 0x1_2b81_0400_23
    static let secp256k1: UInt128 = 0x1_2b81_0400_0a
    static let sm2: UInt128 = 0x1_2a81_1ccf_5501_822d
    // Names
    static let commonName: UInt128 = 0x1_5504_03
    static let organization: UInt128 = 0x1_5504_0a
    // Extensions
    static let subjectKeyIdentifier: UInt128 = 0x1_551d_0e
    static let keyUsage: UInt128 = 0x1_551d_0f
    static let subjectAlternativeName: UInt128 = 0x1_551d_11
    static let issuerAlternativeName: UInt128 = 0x1_551d_12
    static let basicConstraints: UInt128 = 0x1_551d_13
    static let nameConstraints: UInt128 = 0x1_551d_1e
    static let revocationLists: UInt128 = 0x1_551d_1f
    static let certificatePolicies: UInt128 = 0x1_551d_20
    static let policyMappings: UInt128 = 0x1_551d_21
    static let authorityKeyIdentifier: UInt128 = 0x1_551d_23
    static let policyConstraints: UInt128 = 0x1_551d_24
    static let extendedKeyUsage: UInt128 = 0x1_551d_25
    static let inhibitAnyPolicy: UInt128 = 0x1_551d_36
    static let tlsFeature: UInt128 = 0x1_2b06_0105_0507_0118
    static let authorityInformationAccess: UInt128 = 0x1_2b06_0105_0507_0101
    // Uses and ways to information
    static let serverAuthentication: UInt128 = 0x1_2b06_0105_0507_0301
    static let ocsp: UInt128 = 0x1_2b06_0105_0507_3001
}

extension Span<UInt8> {
    /// The identifier as a number to compare; 0 for one longer than any that certd knows.
    func objectIdentifier(_ content: Range<Int>) -> UInt128 {
        guard content.count < 16 else { return 0 }
        var number: UInt128 = 1
        for index in content { number = number << 8 | UInt128(self[index]) }
        return number
    }

    /// The identifier in dotted decimal; in hex where one of its numbers exceeds 63 bits.
    func dottedIdentifier(_ content: Range<Int>) -> String {
        var numbers: [UInt64] = []
        var number: UInt64 = 0
        for index in content {
            guard number >> 56 == 0 else { return "#" + hexadecimal(copy(content)) }
            number = number << 7 | UInt64(self[index] & 0x7f)
            guard self[index] & 0x80 == 0 else { continue }
            if numbers.isEmpty {
                let root = min(number / 40, 2)
                numbers.append(root)
                number -= root * 40
            }
            numbers.append(number)
            number = 0
        }
        return numbers.map(String.init).joined(separator: ".")
    }
}

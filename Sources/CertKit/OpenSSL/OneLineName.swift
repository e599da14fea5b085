internal import COpenSSL

extension DistinguishedName {
    /// The name as HAProxy's `show ssl cert` prints it, `/C=US/O=Let's Encrypt/CN=E7`, by libcrypto's short names
    /// (HAProxy's `ssl_sock_get_dn_oneline`); to compare with what HAProxy says, not to show.
    public var oneLine: String {
        let name = unsafe der.withUnsafeBufferPointer { bytes in
            var cursor = bytes.baseAddress
            return unsafe d2i_X509_NAME(nil, &cursor, bytes.count)
        }
        guard let name = unsafe name else { return "" }
        defer { unsafe X509_NAME_free(name) }
        var text: [UInt8] = []
        for position in unsafe 0..<X509_NAME_entry_count(name) {
            guard let entry = unsafe X509_NAME_get_entry(name, position) else { continue }
            let type = unsafe shortName(of: X509_NAME_ENTRY_get_object(entry))
            text += Array("/\(type)=".utf8)
            let value = unsafe X509_NAME_ENTRY_get_data(entry)
            let count = Int(unsafe ASN1_STRING_length(value))
            unsafe text += UnsafeBufferPointer(start: ASN1_STRING_get0_data(value), count: count)
        }
        return String(decoding: text, as: UTF8.self)
    }
}

private func shortName(of object: OpaquePointer?) -> String {
    let number = unsafe OBJ_obj2nid(object)
    if number != NID_undef, let name = unsafe OBJ_nid2sn(number) { return unsafe String(cString: name) }
    var text = [CChar](repeating: 0, count: 80)
    let count = unsafe OBJ_obj2txt(&text, CInt(text.count), object, 1)
    return String(decoding: text.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Certificates and keys of tests, made once with OpenSSL 3.0; the keys protect nothing.
///
///     openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out root.key      # intermediate.key likewise
///     openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out leaf.key      # p521, secp256k1, SM2 likewise
///     openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key
///     openssl genpkey -algorithm ED25519 -out ed25519.key                               # ed448 likewise
///     openssl req -new -utf8 -key NAME.key -subj SUBJECT -out NAME.csr
///     openssl ca -batch -notext -utf8 -preserveDN -cert ISSUER.pem -keyfile ISSUER.key -extensions SECTION \
///         -startdate 20260101000000Z -enddate 20260401123456Z -in NAME.csr -out NAME.pem
///     openssl rsa -in rsa.key -traditional -out rsa.pkcs1.key
///     openssl ec -in leaf.key [-no_public] -out leaf.sec1.key
///
/// with these sections:
///
///     [root]          basicConstraints = critical, CA:TRUE; keyUsage = critical, keyCertSign, cRLSign; subjectKeyIdentifier = hash
///     [intermediate]  the same with pathlen:0, digitalSignature, authorityKeyIdentifier = keyid,
///                     nameConstraints = permitted;DNS:example.com
///     [leaf]          basicConstraints = critical, CA:FALSE; keyUsage = critical, digitalSignature;
///                     extendedKeyUsage = serverAuth, clientAuth; tlsfeature = status_request; both identifiers;
///                     subjectAltName = DNS:pbx.example.com, DNS:*.Example.com, IP:192.0.2.1, IP:2001:db8::1,
///                     email:a@example.com, URI:sip:pbx.example.com, RID:1.2.3.4, dirName:dir ([dir] O = directory)
///     [rsa]           basicConstraints = CA:FALSE; subjectAltName = DNS:rsa.example.com
enum Sample {
    /// `C=DE, O=Example Trust, CN=Example Root`, P-384, 1949-01-01 to 2050-01-01, self-signed.
    static let root = """
        -----BEGIN CERTIFICATE-----
        MIIB/TCCAYOgAwIBAgIUR01MHnBo21rvgues3/42BtGvYqwwCgYIKoZIzj0EAwIw
        PDELMAkGA1UEBhMCREUxFjAUBgNVBAoMDUV4YW1wbGUgVHJ1c3QxFTATBgNVBAMM
        DEV4YW1wbGUgUm9vdDAiGA8xOTQ5MDEwMTAwMDAwMFoYDzIwNTAwMTAxMDAwMDAw
        WjA8MQswCQYDVQQGEwJERTEWMBQGA1UECgwNRXhhbXBsZSBUcnVzdDEVMBMGA1UE
        AwwMRXhhbXBsZSBSb290MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEammFaZMpYqRc
        U/VXafj0vOeNXwSucTDCpMBcCLtr0LVn951CWaaSzp8r6bCflLxTr5NIFqGUDHuv
        hRsaMQWNRIF05CW2IX4+/3yWYLhYeVTvi3M58dMKJvOnaWF5as4Jo0IwQDAPBgNV
        HRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIBBjAdBgNVHQ4EFgQUF/xjTp5b+TsP
        Tu+CqL6rmLeMd2AwCgYIKoZIzj0EAwIDaAAwZQIxAOwQaQvc4lSmwm3wQIElv8kS
        /P0z9jwj+V9IphHLPSFL4Qa3e491jvWVwKboVZO5PwIweIX6CMpmfIbPWbtcltCn
        XLfWGr1TEncccxTCaPxLCXSZwCkBUR40gDmAd1/SvU2t
        -----END CERTIFICATE-----

        """
    /// `CN=Example R1`, P-384, pathlen 0, 2025-01-01 to 2035-01-01, signed by ``root``.
    static let intermediate = """
        -----BEGIN CERTIFICATE-----
        MIICOTCCAb+gAwIBAgIUGE8k2XEHcWcwiTH7BlgF2RADRecwCgYIKoZIzj0EAwIw
        PDELMAkGA1UEBhMCREUxFjAUBgNVBAoMDUV4YW1wbGUgVHJ1c3QxFTATBgNVBAMM
        DEV4YW1wbGUgUm9vdDAeFw0yNTAxMDEwMDAwMDBaFw0zNTAxMDEwMDAwMDBaMDox
        CzAJBgNVBAYTAkRFMRYwFAYDVQQKDA1FeGFtcGxlIFRydXN0MRMwEQYDVQQDDApF
        eGFtcGxlIFIxMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEMpwk3eKQfLPrqcgixb7e
        yrLQHvgXXLGyHs2tT2FrqlnMw7yaLQrj1X87wAOij5EiH6V40i9PKzrBt8SlbJEJ
        QwKXulBtiA2e5GezDpVY7wxkLy714dZo0Xz37CD71Ayyo4GDMIGAMBIGA1UdEwEB
        /wQIMAYBAf8CAQAwDgYDVR0PAQH/BAQDAgGGMB0GA1UdDgQWBBQvS3He43kz7g2F
        K6mck4VpctGhvDAfBgNVHSMEGDAWgBQX/GNOnlv5Ow9O74KovquYt4x3YDAaBgNV
        HR4EEzARoA8wDYILZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDaAAwZQIxALxFaQHN
        1iYQ+pW5k4amS77xfzngdmJFN/nmErivI/o2HZbS6hbuXFLf9IFuw0m3iQIwRScG
        ADXDdaPYusu6BQhKFtom43/A4KYi7chEvSRaag4drj6H0X1KlgPV9GET71Ho
        -----END CERTIFICATE-----

        """
    /// `CN=pbx.example.com`, P-256, 2026-01-01 to 2026-04-01 12:34:56, signed by ``intermediate``.
    static let leaf = """
        -----BEGIN CERTIFICATE-----
        MIICkTCCAhegAwIBAgIUWBpf3m39e6+ajQeb6vrkyOFNdJUwCgYIKoZIzj0EAwIw
        OjELMAkGA1UEBhMCREUxFjAUBgNVBAoMDUV4YW1wbGUgVHJ1c3QxEzARBgNVBAMM
        CkV4YW1wbGUgUjEwHhcNMjYwMTAxMDAwMDAwWhcNMjYwNDAxMTIzNDU2WjAaMRgw
        FgYDVQQDDA9wYnguZXhhbXBsZS5jb20wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
        AARLFJAl/U/IraQJCSw0CFaEgFfj030YqAGM0L9qjS5ERq1inpIygMq2OQAyaFz8
        gwXWPv2RJ2OzzaoN61XwfLCro4IBGTCCARUwDAYDVR0TAQH/BAIwADAOBgNVHQ8B
        Af8EBAMCB4AwHQYDVR0lBBYwFAYIKwYBBQUHAwEGCCsGAQUFBwMCMB0GA1UdDgQW
        BBRar/IHNbPzcRG8taqlcYFobPLFJjAfBgNVHSMEGDAWgBQvS3He43kz7g2FK6mc
        k4VpctGhvDARBggrBgEFBQcBGAQFMAMCAQUwgYIGA1UdEQR7MHmCD3BieC5leGFt
        cGxlLmNvbYINKi5FeGFtcGxlLmNvbYcEwAACAYcQIAENuAAAAAAAAAAAAAAAAYEN
        YUBleGFtcGxlLmNvbYYTc2lwOnBieC5leGFtcGxlLmNvbYgDKgMEpBYwFDESMBAG
        A1UECgwJZGlyZWN0b3J5MAoGCCqGSM49BAMCA2gAMGUCMQD4WXLLewNx77JTTGQ/
        2u13GiHuyRCEwwMUabr5iC7g7mO3RDSt7zHK3va2i9T7eWICMF8HDWa71mbSpOwW
        P1EiE82YOxWfFUn+2ikgZfKjpezE38wsCLGIOghDHDecV24NmA==
        -----END CERTIFICATE-----

        """
    /// `O=Müller, Söhne + Co, CN=rsa.example.com`, RSA 2048, signed by ``intermediate``.
    static let rsa = """
        -----BEGIN CERTIFICATE-----
        MIICyjCCAk+gAwIBAgIUBDsZMuRpZ9UK9lwVcw00nRd9KIkwCgYIKoZIzj0EAwIw
        OjELMAkGA1UEBhMCREUxFjAUBgNVBAoMDUV4YW1wbGUgVHJ1c3QxEzARBgNVBAMM
        CkV4YW1wbGUgUjEwHhcNMjYwMTAxMDAwMDAwWhcNMjYwNDAxMDAwMDAwWjA5MR0w
        GwYDVQQKDBRNw7xsbGVyLCBTw7ZobmUgKyBDbzEYMBYGA1UEAwwPcnNhLmV4YW1w
        bGUuY29tMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuSMQNPoa5xOa
        FhbnMVLI8k9QhI2i55d3vQi/RwRyzeiOnEFcgiBoVsUY/pnsnXzYhMIe7O98f/xx
        t+wmDyrjKbKEzh3N6MMxJuUfoGXYLjb57X7VGBcMdq+OWbWKVLlGbImh/yE/d7rW
        ciURMccafa21eBkW6PxN1GQajJDBJVW8FxYjXVK90BM9S9K6YnHKy6fS8iAHDphk
        P7r7f2Q5H+1AJ1pfYPyP0jnuZp9YRxdVipRs9dEOhkBIz3I8VSBhRZ30CRW+6PSS
        UG+jAaQxEQtTeNzF6/I0z10Qvnb6p4tMP+Qj58LnwDUpLNbTSWuslEqmlGoUKrKH
        bTacJAwSqQIDAQABo2kwZzAJBgNVHRMEAjAAMBoGA1UdEQQTMBGCD3JzYS5leGFt
        cGxlLmNvbTAdBgNVHQ4EFgQUR8aI7lFeVL99eM6K4hRaP371dcAwHwYDVR0jBBgw
        FoAUL0tx3uN5M+4NhSupnJOFaXLRobwwCgYIKoZIzj0EAwIDaQAwZgIxANMdHxUv
        yo+NTajxqFtDoRKoj/8GyoFjJ//uusNjTY02QkHPwNJ7zRO0ymPDT48yegIxAOGr
        neovRaDU48IQKMbNdVs2XpTKak2OvB6gNauzCxuBSCpaR/j5I/HYVu11m7v4Kg==
        -----END CERTIFICATE-----

        """
    /// `CN=ed25519.example.com`, Ed25519, no extensions, to 9999-12-31 23:59:59, self-signed.
    static let ed25519 = """
        -----BEGIN CERTIFICATE-----
        MIH4MIGrAhQe/wuUioVGMo5JOFqSfiafWvvTTzAFBgMrZXAwHjEcMBoGA1UEAwwT
        ZWQyNTUxOS5leGFtcGxlLmNvbTAgFw0yNjAxMDEwMDAwMDBaGA85OTk5MTIzMTIz
        NTk1OVowHjEcMBoGA1UEAwwTZWQyNTUxOS5leGFtcGxlLmNvbTAqMAUGAytlcAMh
        AIqyezwFnJ2R1IsXTf+/WDbTPdcyuAZK7le8lwry/WPLMAUGAytlcANBAH8rTMqg
        8FOo7XDp0owAoTRkRQhmVxBgSilA09rIOKtcCFBO3lK8RXw4n93WL16GP6z+mntF
        6HKAh7Ejq0KWBAw=
        -----END CERTIFICATE-----

        """
    /// `CN=pss.example.com`, RSA 2048, self-signed with RSA-PSS (`-sigopt rsa_padding_mode:pss`).
    static let pss = """
        -----BEGIN CERTIFICATE-----
        MIIDIzCCAdcCFBSYGR/OTnKKpiW5Me85rjGBiUrxMEEGCSqGSIb3DQEBCjA0oA8w
        DQYJYIZIAWUDBAIBBQChHDAaBgkqhkiG9w0BAQgwDQYJYIZIAWUDBAIBBQCiAwIB
        IDAaMRgwFgYDVQQDDA9wc3MuZXhhbXBsZS5jb20wHhcNMjYwMTAxMDAwMDAwWhcN
        MjYwNDAxMDAwMDAwWjAaMRgwFgYDVQQDDA9wc3MuZXhhbXBsZS5jb20wggEiMA0G
        CSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQC5IxA0+hrnE5oWFucxUsjyT1CEjaLn
        l3e9CL9HBHLN6I6cQVyCIGhWxRj+meydfNiEwh7s73x//HG37CYPKuMpsoTOHc3o
        wzEm5R+gZdguNvntftUYFwx2r45ZtYpUuUZsiaH/IT93utZyJRExxxp9rbV4GRbo
        /E3UZBqMkMElVbwXFiNdUr3QEz1L0rpiccrLp9LyIAcOmGQ/uvt/ZDkf7UAnWl9g
        /I/SOe5mn1hHF1WKlGz10Q6GQEjPcjxVIGFFnfQJFb7o9JJQb6MBpDERC1N43MXr
        8jTPXRC+dvqni0w/5CPnwufANSks1tNJa6yUSqaUahQqsodtNpwkDBKpAgMBAAEw
        QQYJKoZIhvcNAQEKMDSgDzANBglghkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCDAN
        BglghkgBZQMEAgEFAKIDAgEgA4IBAQCV8qYcfqlf2PK6IFl58m5iTP2Bnf6ophbD
        SIVazlnUGi2jAGE7GOhj9PrEPafO/XGdUsRu40HRHHaGJiv0siH4829G39WDPhEk
        7E8Ums4EQxjXDsiSA6XxPmp/ATQ0pwKerp5E4rCtsRJJ0IHBJVTYIsdMeuNJ1hOX
        sB7tS4P3fJAMNkG0ejvdqlvp3ko8PfRCV14ZMYnRuBREpYTgUmMo3vM5DfUZKSHz
        uWzcbVRAnGyfT/Nou5ywPSvpL4M3ky3VxxFJXoftJ+6C3w0Us/kWvNERz8dXt2W3
        f1/70ve9sW1N3ido7r4m/Qd8je/Ymh50DPeO+8P9ZYVr2+ilkRdn
        -----END CERTIFICATE-----

        """
    /// `O=Example Trust, CN=Every Extension`, P-256, self-signed, a CA with each extension of RFC 5280, 4.2.1, and every form
    /// of a distribution point (`openssl req -x509`).
    static let extended = """
        -----BEGIN CERTIFICATE-----
        MIIDwDCCA2egAwIBAgIBBzAKBggqhkjOPQQDAjAyMRYwFAYDVQQKDA1FeGFtcGxl
        IFRydXN0MRgwFgYDVQQDDA9FdmVyeSBFeHRlbnNpb24wIBcNMjYxMTIzMDg0NDQ0
        WhgPMjEyNjEwMzAwODQ0NDRaMDIxFjAUBgNVBAoMDUV4YW1wbGUgVHJ1c3QxGDAW
        BgNVBAMMD0V2ZXJ5IEV4dGVuc2lvbjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
        BKARVE4OQEWhXjLT1HT8pzQHzdH3ktVYMJHy7OP0vDK1lTDUPxJyImcWtmSEXKrt
        revq5+bvWW3VKxPo6MQjudCjggJqMIICZjASBgNVHRMBAf8ECDAGAQH/AgEAMA4G
        A1UdDwEB/wQEAwIBhjAdBgNVHQ4EFgQUePZ7+JfIYo8+ucPfVPoQ7ryWdukwWgYD
        VR0jBFMwUYAUePZ7+JfIYo8+ucPfVPoQ7ryWdumhNqQ0MDIxFjAUBgNVBAoMDUV4
        YW1wbGUgVHJ1c3QxGDAWBgNVBAMMD0V2ZXJ5IEV4dGVuc2lvboIBBzAYBgNVHSUE
        ETAPBggrBgEFBQcDAQYDKgMEMBkGA1UdEQQSMBCCDmNhLmV4YW1wbGUuY29tMB0G
        A1UdEgQWMBSGEmh0dHA6Ly9leGFtcGxlLmNvbTBVBgNVHR4BAf8ESzBJoBswDYIL
        ZXhhbXBsZS5jb20wCocIwAACAP///wChKjAOgQwuZXhhbXBsZS5jb20wGKQWMBQx
        EjAQBgNVBAoMCWRpcmVjdG9yeTB2BgNVHR8EbzBtMFSgNKAyhhhodHRwOi8vZXhh
        bXBsZS5jb20vYS5jcmykFjAUMRIwEAYDVQQKDAlkaXJlY3RvcnmBAgVgohikFjAU
        MRIwEAYDVQQKDAlkaXJlY3RvcnkwFaAToREwDwYDVQQDDAhyZWxhdGl2ZTAzBggr
        BgEFBQcBAQQnMCUwIwYIKwYBBQUHMAGGF2h0dHA6Ly9vY3NwLmV4YW1wbGUuY29t
        MDwGA1UdIAQ1MDMwCAYGZ4EMAQIBMCcGAysFCDAgMB4GCCsGAQUFBwIBFhJodHRw
        Oi8vZXhhbXBsZS5jb20wDAYDVR0kBAUwA4ABAzAKBgNVHTYEAwIBAjAVBgNVHSEE
        DjAMMAoGAyoDBAYDKgMFMAoGCCqGSM49BAMCA0cAMEQCIAHrfvuMmE7YMmsqKwFW
        i2V8dzzfGu3g8rs1sDof5LK4AiAkqiuwPtGlQl5TW/hQvgM2IIPxia5rs9cOLbIm
        e8zTQQ==
        -----END CERTIFICATE-----

        """
    /// The key of ``leaf``, PKCS#8.
    static let leafKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgLaYBDJI61gqzRtM9
        7kMqcGiaaQWZ6YIe3m5dSq66236hRANCAARLFJAl/U/IraQJCSw0CFaEgFfj030Y
        qAGM0L9qjS5ERq1inpIygMq2OQAyaFz8gwXWPv2RJ2OzzaoN61XwfLCr
        -----END PRIVATE KEY-----

        """
    /// The key of ``leaf``, SEC 1.
    static let leafKeySEC1 = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIC2mAQySOtYKs0bTPe5DKnBommkFmemCHt5uXUquutt+oAoGCCqGSM49
        AwEHoUQDQgAESxSQJf1PyK2kCQksNAhWhIBX49N9GKgBjNC/ao0uREatYp6SMoDK
        tjkAMmhc/IMF1j79kSdjs82qDetV8Hywqw==
        -----END EC PRIVATE KEY-----

        """
    /// The key of ``leaf``, SEC 1, without its point.
    static let leafKeyWithoutPublicHalf = """
        -----BEGIN EC PRIVATE KEY-----
        MDECAQEEIC2mAQySOtYKs0bTPe5DKnBommkFmemCHt5uXUquutt+oAoGCCqGSM49
        AwEH
        -----END EC PRIVATE KEY-----

        """
    /// Another P-256 key, `openssl ecparam -name prime256v1 -genkey`.
    static let otherKeyWithParameters = """
        -----BEGIN EC PARAMETERS-----
        BggqhkjOPQMBBw==
        -----END EC PARAMETERS-----
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIFXuLjWoNsQavi/16vBzsjlfXU9HZpuGFi+V0GGteeL2oAoGCCqGSM49
        AwEHoUQDQgAEKZg6jzS09Qcglfom6/2ACAKZeVD6m2JBGmX8ygsSw+G4MCsvefsO
        7zHgBV6FMbcOwE+4GHVQ33SwACU6nPX2CQ==
        -----END EC PRIVATE KEY-----

        """
    /// The key of ``rsa``, PKCS#8.
    static let rsaKey = """
        -----BEGIN PRIVATE KEY-----
        MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC5IxA0+hrnE5oW
        FucxUsjyT1CEjaLnl3e9CL9HBHLN6I6cQVyCIGhWxRj+meydfNiEwh7s73x//HG3
        7CYPKuMpsoTOHc3owzEm5R+gZdguNvntftUYFwx2r45ZtYpUuUZsiaH/IT93utZy
        JRExxxp9rbV4GRbo/E3UZBqMkMElVbwXFiNdUr3QEz1L0rpiccrLp9LyIAcOmGQ/
        uvt/ZDkf7UAnWl9g/I/SOe5mn1hHF1WKlGz10Q6GQEjPcjxVIGFFnfQJFb7o9JJQ
        b6MBpDERC1N43MXr8jTPXRC+dvqni0w/5CPnwufANSks1tNJa6yUSqaUahQqsodt
        NpwkDBKpAgMBAAECggEAFIJJ3VSHfmmxfBj1a4VcNVuL8+Ms1LL21L4PUnKvtRe6
        FJ04/kFQzavv5ORwTdHyumI2wtCU3ii9AD7syGlb2Nap15t9n/dfjot7QW2G0TfN
        3/1Y5d5Hxy4TeuSdel076/IjO/wW59COyP5KNVV1Hc8Md01wOEca6BheyIuQme4B
        HkI/rd/BY/5Gq+By8B7ySU/7gixDqSaruz74YnPtBQDmff/BtlddzhU9sxGrvYB8
        O+rTqQWcUe68PPHf7oM7opLbX6VOjheZLr0sgnQ1IDpoK7PUlWP7QR9TdK+eSQoc
        5LfKX2ihH+oE2j6YEkIUthZVnC62JnOX93cMTl82cQKBgQDoSMXuct4eDNTBMw2P
        7pPiJpVs7Qy+pDEHm1VINy833akLpK+/ZNWopZqjVhlJVp8FzDWty9kWNpISIL8J
        HZDVsx1dimu5WTQgYt7/Q3tQrUldgCH9aSKRBZzYqZpuZLVv7GQupU2Lw1jX9sp5
        6Fz9tQx4qljEgVSMI9vRh9T7kwKBgQDMCf+Zwo8qs+G5GBiQ+TsOS5Fz6E9N3dbB
        /L0FdlGD1d/wSFW5lN4eIad7Sqg70kcqfjoW5oDhDfxrBabBzT2pjTIY3/ZkOaMi
        A1gbOPx2KoJVqwNFb3e+sGmYjp4ZtTXYawfRdkH/3W/3WuGHwOSv/pbEdq4SsDeI
        FaANssy2UwKBgBodVGNidqZaOvEdlEDCSc37GIGOhQhJ3VlFlWjxC1X0jbTJZxjV
        dU/ojmIeo+ki2+4C72YCrP1aVUHEfLXBpS7hXEPP9Bx6cunRM9Du/UYstTrV1Pxw
        fXpgbynMp5gRqnRS11CHNRipdauSC2F5Rjsfx68pN6GgCKlYvrXn14IRAoGBAI85
        GX0iEALmn7SgkGX7PJQNQX19/WToKl6i/T//TLrg/z+YVuxc7glykDDAOBU9xoyy
        bC41ARR5D81D+0kgu37vyNGjLD4wIy218TuypayArFpcH4C2/PQSuxzGR34+MBzJ
        DITgoPVsx7J2zcbQBPbxG32u3QPrRB+3JlFXR9FXAoGBAK7nCsz0LLzdrSnsL7dS
        DnffKqFwXhhoWBXEDnywECHTXpme0A53z6ZUSpheWQNKt5uZzwFxyWp4U3gUGrIa
        y/XBKKQXU0W/ktjE8fLlBruHTduqE4qCvzvziAVe76eWU6l81MKOf3XVkrXdsaKp
        qzsk7NKnJIwpyAR4+CwSVVWR
        -----END PRIVATE KEY-----

        """
    /// The key of ``rsa``, PKCS#1.
    static let rsaKeyPKCS1 = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEpAIBAAKCAQEAuSMQNPoa5xOaFhbnMVLI8k9QhI2i55d3vQi/RwRyzeiOnEFc
        giBoVsUY/pnsnXzYhMIe7O98f/xxt+wmDyrjKbKEzh3N6MMxJuUfoGXYLjb57X7V
        GBcMdq+OWbWKVLlGbImh/yE/d7rWciURMccafa21eBkW6PxN1GQajJDBJVW8FxYj
        XVK90BM9S9K6YnHKy6fS8iAHDphkP7r7f2Q5H+1AJ1pfYPyP0jnuZp9YRxdVipRs
        9dEOhkBIz3I8VSBhRZ30CRW+6PSSUG+jAaQxEQtTeNzF6/I0z10Qvnb6p4tMP+Qj
        58LnwDUpLNbTSWuslEqmlGoUKrKHbTacJAwSqQIDAQABAoIBABSCSd1Uh35psXwY
        9WuFXDVbi/PjLNSy9tS+D1Jyr7UXuhSdOP5BUM2r7+TkcE3R8rpiNsLQlN4ovQA+
        7MhpW9jWqdebfZ/3X46Le0FthtE3zd/9WOXeR8cuE3rknXpdO+vyIzv8FufQjsj+
        SjVVdR3PDHdNcDhHGugYXsiLkJnuAR5CP63fwWP+RqvgcvAe8klP+4IsQ6kmq7s+
        +GJz7QUA5n3/wbZXXc4VPbMRq72AfDvq06kFnFHuvDzx3+6DO6KS21+lTo4XmS69
        LIJ0NSA6aCuz1JVj+0EfU3SvnkkKHOS3yl9ooR/qBNo+mBJCFLYWVZwutiZzl/d3
        DE5fNnECgYEA6EjF7nLeHgzUwTMNj+6T4iaVbO0MvqQxB5tVSDcvN92pC6Svv2TV
        qKWao1YZSVafBcw1rcvZFjaSEiC/CR2Q1bMdXYpruVk0IGLe/0N7UK1JXYAh/Wki
        kQWc2KmabmS1b+xkLqVNi8NY1/bKeehc/bUMeKpYxIFUjCPb0YfU+5MCgYEAzAn/
        mcKPKrPhuRgYkPk7DkuRc+hPTd3Wwfy9BXZRg9Xf8EhVuZTeHiGne0qoO9JHKn46
        FuaA4Q38awWmwc09qY0yGN/2ZDmjIgNYGzj8diqCVasDRW93vrBpmI6eGbU12GsH
        0XZB/91v91rhh8Dkr/6WxHauErA3iBWgDbLMtlMCgYAaHVRjYnamWjrxHZRAwknN
        +xiBjoUISd1ZRZVo8QtV9I20yWcY1XVP6I5iHqPpItvuAu9mAqz9WlVBxHy1waUu
        4VxDz/QcenLp0TPQ7v1GLLU61dT8cH16YG8pzKeYEap0UtdQhzUYqXWrkgtheUY7
        H8evKTehoAipWL6159eCEQKBgQCPORl9IhAC5p+0oJBl+zyUDUF9ff1k6Cpeov0/
        /0y64P8/mFbsXO4JcpAwwDgVPcaMsmwuNQEUeQ/NQ/tJILt+78jRoyw+MCMttfE7
        sqWsgKxaXB+Atvz0Erscxkd+PjAcyQyE4KD1bMeyds3G0AT28Rt9rt0D60QftyZR
        V0fRVwKBgQCu5wrM9Cy83a0p7C+3Ug533yqhcF4YaFgVxA58sBAh016ZntAOd8+m
        VEqYXlkDSrebmc8BcclqeFN4FBqyGsv1wSikF1NFv5LYxPHy5Qa7h03bqhOKgr87
        84gFXu+nllOpfNTCjn911ZK13bGiqas7JOzSpySMKcgEePgsElVVkQ==
        -----END RSA PRIVATE KEY-----

        """
    /// The key of ``ed25519``, PKCS#8.
    static let ed25519Key = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIDlfz5cjRD4dS8DmPejDntAW8RDz1jHHQSzyoQAZIcM4
        -----END PRIVATE KEY-----

        """
    /// A P-521 key.
    static let p521Key = """
        -----BEGIN PRIVATE KEY-----
        MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIBsBxJPXweemqY7C+0
        GxHIXLSpD0fQYZumuz+HgADYen2f5X8k4LGBO66v7Hd6HtDWq9KiqUxOFP3fUWho
        S0kcthChgYkDgYYABAG2zEjqc/jOgautF6CBDqGYiflDLN42ndfVbuHAzcgaeH1n
        WqWV+Cg+wWW1rhaUf+la6Jddgr3YYLv5z8OVSJZcIADfa7GoBA3N6j9O/s189DJF
        5p1vtVoEcPOq8IH6eK+8INciUE9/FfE2vTzKlIO3F4X8QZLPQPR6eczJqnku+M4v
        1Q==
        -----END PRIVATE KEY-----

        """
    /// A secp256k1 key.
    static let secp256k1Key = """
        -----BEGIN PRIVATE KEY-----
        MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQg0RZvVRWT6wosDJeCQDqw
        nmGIqgWxBJxSlkCy6faJPUGhRANCAAQAuQtNnAapmncvh0rbfYDGZ9qZeXc//D63
        +XzXRzJBjYN3zOZ2dFiXh6IOxg94WvhtEbaf1Snt/eXFnfpSDRLD
        -----END PRIVATE KEY-----

        """
    /// An Ed448 key.
    static let ed448Key = """
        -----BEGIN PRIVATE KEY-----
        MEcCAQAwBQYDK2VxBDsEOZIy9P+FA+/D3U35yUdju3lwFT+4o2dvagx83oaB3qTE
        8pxGuIL623xOts9O1WUDM5P04g4vrdFy6w==
        -----END PRIVATE KEY-----

        """
    /// An SM2 key.
    static let sm2Key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgh/vf6NKrWflsqgXz
        JQZbNMd6Nt8Og0u/k5/B2rcXaQKhRANCAASInvB5Lt+9Cqfo1UzLzmPDCBHG02f9
        8FiA6ytOKJA+UAXq/7uscPHMbY1sh2xO2IEb0hQsrfQyGZbiFFoIrtlN
        -----END PRIVATE KEY-----

        """
    /// A DSA key.
    static let dsaKey = """
        -----BEGIN PRIVATE KEY-----
        MIIBWgIBADCCATMGByqGSM44BAEwggEmAoGBAPnljTVAGTw0CEz0A9JJH0vwdNLJ
        eDjpmpzK/9pjDpr/UYVXX3L06SpLkLARZPKcEWgo2wAp9mI0gOCzwkkYEGxKLvsv
        42JK85NryMtQac7KxFyJQ7nqbufup+RYZxX6pYk/DvA7XVYv3D/VthLFdmrU8RMS
        F2lbhMqhrLOpyaGTAh0AjMuQ5DTulpKwg9TudBUvXqFv6wn0OMvRHFK+9wKBgGsG
        lZOCrDGcJ1WXYWSbVDMh95ZuLXZNpP7Z5J0tLIPDzUvonvQmkR8v/el7iC/Fyx/A
        cnytJxVu/PeN/xWp+bO8ShZkddXG01/x41vM1rx41K0Y/8tLgatzuXIH9i1pgh9A
        bkq+a4hyaJc0T+1Kr6ltABg6TJDg1rs8m5dX62BxBB4CHAGbO5Nne+iP5HXpBWvK
        9mqFh8JwPJhg6O2MkFI=
        -----END PRIVATE KEY-----

        """
    /// The key of ``leaf`` under the passphrase `x`.
    static let encryptedKey = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhdonwH87HhUgICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEOlAl2tc9PvMvTanKvAK7xYEgZDL
        7fCGI42DLXQTlZMGgutljhUtZT3z8k6BOZa6JDfHAoos5FsFhBcQLVf8Cr/Qt/EK
        a8P75ivlhs24x833EI39u9B+yEM30SdI8VaElZY05UVJah+0K3fqMZu+7z0or1f3
        X/5eS/nTQ5e6WLtU+SzeiYC9erFRRo1mXMaybuyCQKvCsINQ5rgR7f2/2QCMenA=
        -----END ENCRYPTED PRIVATE KEY-----

        """
    /// The public half of ``leaf``.
    static let leafPublicKey = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAESxSQJf1PyK2kCQksNAhWhIBX49N9
        GKgBjNC/ao0uREatYp6SMoDKtjkAMmhc/IMF1j79kSdjs82qDetV8Hywqw==
        -----END PUBLIC KEY-----

        """
    /// ``leaf`` as `openssl x509 -trustout` has it.
    static let trusted = """
        -----BEGIN TRUSTED CERTIFICATE-----
        MIICkTCCAhegAwIBAgIUWBpf3m39e6+ajQeb6vrkyOFNdJUwCgYIKoZIzj0EAwIw
        OjELMAkGA1UEBhMCREUxFjAUBgNVBAoMDUV4YW1wbGUgVHJ1c3QxEzARBgNVBAMM
        CkV4YW1wbGUgUjEwHhcNMjYwMTAxMDAwMDAwWhcNMjYwNDAxMTIzNDU2WjAaMRgw
        FgYDVQQDDA9wYnguZXhhbXBsZS5jb20wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
        AARLFJAl/U/IraQJCSw0CFaEgFfj030YqAGM0L9qjS5ERq1inpIygMq2OQAyaFz8
        gwXWPv2RJ2OzzaoN61XwfLCro4IBGTCCARUwDAYDVR0TAQH/BAIwADAOBgNVHQ8B
        Af8EBAMCB4AwHQYDVR0lBBYwFAYIKwYBBQUHAwEGCCsGAQUFBwMCMB0GA1UdDgQW
        BBRar/IHNbPzcRG8taqlcYFobPLFJjAfBgNVHSMEGDAWgBQvS3He43kz7g2FK6mc
        k4VpctGhvDARBggrBgEFBQcBGAQFMAMCAQUwgYIGA1UdEQR7MHmCD3BieC5leGFt
        cGxlLmNvbYINKi5FeGFtcGxlLmNvbYcEwAACAYcQIAENuAAAAAAAAAAAAAAAAYEN
        YUBleGFtcGxlLmNvbYYTc2lwOnBieC5leGFtcGxlLmNvbYgDKgMEpBYwFDESMBAG
        A1UECgwJZGlyZWN0b3J5MAoGCCqGSM49BAMCA2gAMGUCMQD4WXLLewNx77JTTGQ/
        2u13GiHuyRCEwwMUabr5iC7g7mO3RDSt7zHK3va2i9T7eWICMF8HDWa71mbSpOwW
        P1EiE82YOxWfFUn+2ikgZfKjpezE38wsCLGIOghDHDecV24NmA==
        -----END TRUSTED CERTIFICATE-----

        """
}

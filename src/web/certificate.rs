//! The certificate that we show to browsers: read from PEM files, proven to fit its key, and read again when the files
//! change. A renewal that went wrong never takes the site down: the certificate before it stays, and the log says so.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, InconsistentKeys, RootCertStore, ServerConfig};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use super::expiry::expires_at;
use crate::config::{Fault, TlsFiles};

/// A renewed certificate is shown within this time.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(10);

/// The certificate in use. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Certificate(Arc<Shown>);

#[derive(Debug)]
struct Shown {
    files: TlsFiles,
    now: RwLock<Fitting>,
    /// What the files held when they were last read, so that each change is told once.
    seen: RwLock<Vec<u8>>,
}

/// A certificate whose key fits.
#[derive(Clone, Debug)]
struct Fitting {
    key: Arc<CertifiedKey>,
    expires_at: Timestamp,
}

/// Why a browser that was told nothing about us would not trust a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// No authority that browsers know has signed it, or one between it and that authority is missing.
    NotVouchedFor,
    /// It is for other names.
    OtherName,
}

/// What reading the files again has brought.
#[derive(Debug, PartialEq, Eq)]
pub enum Reading {
    /// They hold what they held before.
    Same,
    /// Another certificate is shown from now on.
    Renewed,
    /// They cannot be used; the certificate before is still shown.
    Broken(Fault),
}

impl Certificate {
    /// Reads both files.
    ///
    /// # Errors
    /// Which file cannot be used, why, and what to do.
    pub fn open(files: &TlsFiles) -> Result<Self, Fault> {
        let texts = Texts::read(files)?;
        let now = RwLock::new(texts.fitting(files)?);
        Ok(Self(Arc::new(Shown { files: files.clone(), now, seen: RwLock::new(texts.digest()) })))
    }

    /// Until when it is good.
    pub fn expires_at(&self) -> Timestamp {
        self.0.now.read().unwrap_or_else(PoisonError::into_inner).expires_at
    }

    /// What a browser would hold against it at this time, as the certificate of `host`, when it trusts the authorities of the
    /// Mozilla program. That it is past its day is told by [`Certificate::expires_at`].
    pub fn doubts(&self, host: Option<&str>, now: Timestamp) -> Vec<Doubt> {
        let chain = self.0.now.read().unwrap_or_else(PoisonError::into_inner).key.cert.clone();
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        doubts(&chain, host, now, &roots)
    }

    /// Reads the files again and says what came of it; each change is told once.
    pub fn read_again(&self) -> Reading {
        let texts = Texts::read(&self.0.files);
        let digest = match &texts {
            Ok(texts) => texts.digest(),
            Err(fault) => Sha256::digest(fault.to_string().as_bytes()).to_vec(),
        };
        let before =
            std::mem::replace(&mut *self.0.seen.write().unwrap_or_else(PoisonError::into_inner), digest.clone());
        if before == digest {
            return Reading::Same;
        }
        match texts.and_then(|texts| texts.fitting(&self.0.files)) {
            Ok(fitting) => {
                tracing::info!(until = %fitting.expires_at, "the certificate was renewed");
                *self.0.now.write().unwrap_or_else(PoisonError::into_inner) = fitting;
                Reading::Renewed
            }
            Err(fault) => {
                tracing::error!(%fault, "the new certificate cannot be used; the one before is still shown");
                Reading::Broken(fault)
            }
        }
    }

    /// Looks at the files from time to time until told to stop.
    pub async fn follow_its_files(self, mut stopped: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                _told = stopped.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(LOOKED_AT_EVERY) => {}
            }
            let shown = self.clone();
            let _read = tokio::task::spawn_blocking(move || shown.read_again()).await;
        }
    }

    /// TLS 1.3 and 1.2 with this certificate. The provider is named, since a second one in the tree would make the default panic.
    pub(super) fn server_config(&self) -> Result<ServerConfig, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Ok(ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(self.0.clone()))
    }
}

fn doubts(chain: &[CertificateDer<'_>], host: Option<&str>, now: Timestamp, roots: &RootCertStore) -> Vec<Doubt> {
    let Some((own, between)) = chain.split_first() else { return vec![Doubt::NotVouchedFor] };
    let Ok(own) = ParsedCertificate::try_from(own) else { return vec![Doubt::NotVouchedFor] };
    let now = UnixTime::since_unix_epoch(Duration::from_secs(now.as_second().unsigned_abs()));
    let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms.all;
    let vouched = verify_server_cert_signed_by_trust_anchor(&own, roots, between, now, algorithms);
    let expired = |fault: &rustls::Error| {
        use CertificateError::{Expired, ExpiredContext};
        matches!(fault, rustls::Error::InvalidCertificate(Expired | ExpiredContext { .. }))
    };
    let not_vouched = vouched.err().filter(|fault| !expired(fault)).map(|_| Doubt::NotVouchedFor);
    let is_for = |host: &str| ServerName::try_from(host).is_ok_and(|name| verify_server_name(&own, &name).is_ok());
    let other_name = host.filter(|host| !is_for(host)).map(|_| Doubt::OtherName);
    not_vouched.into_iter().chain(other_name).collect()
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.now.read().unwrap_or_else(PoisonError::into_inner).key.clone())
    }
}

/// Whether others than its owner may read the private key.
///
/// # Errors
/// When the file cannot be looked at.
pub fn is_open_to_others(key: &Path) -> io::Result<bool> {
    Ok(fs::metadata(key)?.permissions().mode() & 0o077 != 0)
}

struct Texts {
    cert: Vec<u8>,
    key: Vec<u8>,
}

impl Texts {
    fn read(files: &TlsFiles) -> Result<Self, Fault> {
        let read = |name: &str, path: &Path| {
            fs::read(path).map_err(|cause| {
                let problem = format!("{} cannot be read: {cause}", path.display());
                Fault::new(name, &problem, "name a PEM file that this user may read")
            })
        };
        Ok(Self { cert: read("server.tls_cert", &files.cert)?, key: read("server.tls_key", &files.key)? })
    }

    fn digest(&self) -> Vec<u8> {
        Sha256::new().chain_update(Sha256::digest(&self.cert)).chain_update(&self.key).finalize().to_vec()
    }

    fn fitting(&self, files: &TlsFiles) -> Result<Fitting, Fault> {
        let of_cert = |problem: &str| {
            let problem = format!("{} {problem}", files.cert.display());
            Fault::new(
                "server.tls_cert",
                &problem,
                "put the certificate there in PEM, and those between it and its authority after it",
            )
        };
        let of_key = |problem: &str, remedy: &str| {
            Fault::new("server.tls_key", &format!("{} {problem}", files.key.display()), remedy)
        };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.cert).collect();
        let chain = chain.map_err(|_| of_cert("holds damaged PEM"))?;
        let own = chain.first().ok_or_else(|| of_cert("holds no certificate"))?;
        let expires_at = expires_at(own).ok_or_else(|| of_cert("holds a certificate that cannot be read"))?;
        let key = PrivateKeyDer::from_pem_slice(&self.key)
            .map_err(|_| of_key("holds no private key", "put the key there in PEM, without a passphrase"))?;
        let key = rustls::crypto::ring::sign::any_supported_type(&key).map_err(|_| {
            of_key(
                "holds a key of a kind that we cannot use",
                "use ECDSA P-256 or P-384, Ed25519, or RSA from 2048 bits",
            )
        })?;
        let pair = CertifiedKey::new(chain, key);
        match pair.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(rustls::Error::InconsistentKeys(_)) => {
                return Err(of_key("belongs to another certificate", "use the key that the certificate was made for"));
            }
            Err(_) => return Err(of_cert("holds a certificate that cannot be used")),
        }
        Ok(Fitting { key: Arc::new(pair), expires_at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn v12_2_2_a_browser_trusts_what_a_known_authority_signed_for_the_name_and_nothing_else() {
        let key = || rcgen::KeyPair::generate().unwrap();
        let mut of_authority = rcgen::CertificateParams::new([]).unwrap();
        of_authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority_key = key();
        let authority = of_authority.self_signed(&authority_key).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        let issuer = rcgen::Issuer::new(of_authority, authority_key);

        let parameters = rcgen::CertificateParams::new(["clinic.example".to_owned(), "192.0.2.7".to_owned()]).unwrap();
        let signed = [parameters.clone().signed_by(&key(), &issuer).unwrap().der().clone()];
        let alone = [parameters.self_signed(&key()).unwrap().der().clone()];
        let now = Clock::system().now();
        let doubts_of = |chain: &[CertificateDer<'static>], host| doubts(chain, Some(host), now, &roots);
        assert_eq!(doubts_of(&signed, "clinic.example"), []);
        assert_eq!(doubts_of(&signed, "192.0.2.7"), []);
        assert_eq!(doubts_of(&signed, "www.clinic.example"), [Doubt::OtherName]);
        assert_eq!(doubts_of(&alone, "clinic.example"), [Doubt::NotVouchedFor]);
        assert_eq!(doubts_of(&alone, "other.example"), [Doubt::NotVouchedFor, Doubt::OtherName]);
        assert_eq!(doubts(&signed, None, now, &RootCertStore::empty()), [Doubt::NotVouchedFor]);
        assert_eq!(doubts(&[], None, now, &roots), [Doubt::NotVouchedFor]);
    }
}

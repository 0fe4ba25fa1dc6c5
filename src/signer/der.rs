//! DER as far as certificates need it (X.690, clauses 8 and 10): one tag, one length, the content.

use crate::fault::Fault;

/// What is left to read.
#[derive(Debug, Clone, Copy)]
pub struct Der<'a> {
    bytes: &'a [u8],
    /// Where `bytes` begins, for messages.
    at: usize,
}

/// One element.
#[derive(Debug, Clone, Copy)]
pub struct Element<'a> {
    /// The identifier octet.
    pub tag: u8,
    /// Its content.
    pub content: Der<'a>,
}

/// SEQUENCE.
pub const SEQUENCE: u8 = 0x30;
/// OBJECT IDENTIFIER.
pub const OBJECT: u8 = 0x06;
/// OCTET STRING.
pub const OCTETS: u8 = 0x04;

impl<'a> Der<'a> {
    /// A reader of these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The bytes that are left.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The bytes that are left as text, without what is not shown.
    pub fn text(&self) -> String {
        let text = String::from_utf8_lossy(self.bytes);
        text.chars().filter(|c| !c.is_control()).collect()
    }

    /// The next element; `None` at the end.
    ///
    /// # Errors
    /// `Malformed` when its length goes beyond the end, or is of a form that DER does not have.
    pub fn next(&mut self) -> Result<Option<Element<'a>>, Fault> {
        if self.bytes.is_empty() {
            return Ok(None);
        }
        let start = self.at;
        let wrong = |what: &str| Fault::malformed(format!("{what} at byte {start} of the certificate"));
        let tag = self.byte().ok_or_else(|| wrong("no tag"))?;
        if tag & 0x1f == 0x1f {
            return Err(wrong("a tag of several bytes"));
        }
        let first = self.byte().ok_or_else(|| wrong("no length"))?;
        let mut length = usize::from(first & 0x7f);
        if first & 0x80 != 0 {
            // 0x80 alone is BER's indefinite length.
            let count = length;
            if !(1..=4).contains(&count) {
                return Err(wrong("a length of another form"));
            }
            length = 0;
            for _ in 0..count {
                let byte = self.byte().ok_or_else(|| wrong("no length"))?;
                length = (length << 8) | usize::from(byte);
            }
        }
        let (content, rest) = self
            .bytes
            .split_at_checked(length)
            .ok_or_else(|| wrong("a length beyond the end"))?;
        let content = Self {
            bytes: content,
            at: self.at,
        };
        self.bytes = rest;
        self.at += length;
        Ok(Some(Element { tag, content }))
    }

    /// The content of the next element, which must be of this tag.
    ///
    /// # Errors
    /// As [`next`](Self::next), and `Malformed` for another tag.
    pub fn expect(&mut self, tag: u8) -> Result<Self, Fault> {
        let at = self.at;
        match self.next()? {
            Some(element) if element.tag == tag => Ok(element.content),
            found => {
                let found = found.map_or("nothing".to_owned(), |e| format!("{:#04x}", e.tag));
                Err(Fault::malformed(format!(
                    "{found} at byte {at} of the certificate, where {tag:#04x} should be"
                )))
            }
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        self.at += 1;
        Some(*first)
    }
}

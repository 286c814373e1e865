mod first {
    #[derive(Serialize)]
    pub struct First {
        #[serde(with = "crate::second")]
        value: u8,
    }
}

mod second {
    pub fn serialize(value: &super::first::First) {}
}

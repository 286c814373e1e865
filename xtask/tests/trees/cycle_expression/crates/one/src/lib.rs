mod first {
    pub fn start() {
        crate::second::go_on();
    }
}

mod second {
    pub fn go_on() {
        super::third::end();
    }
}

mod third {
    pub fn end() {
        let start = || crate::first::start;
        drop(start);
    }
}

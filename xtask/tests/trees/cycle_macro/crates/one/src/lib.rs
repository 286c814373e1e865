#[macro_use]
mod third {
    macro_rules! width {
        () => {
            $crate::first::WIDTH
        };
    }
}

mod first {
    pub const WIDTH: usize = 1;

    pub fn show() {
        println!("{}", (crate::second::name()));
    }
}

mod second {
    pub fn name() -> usize {
        width!()
    }
}

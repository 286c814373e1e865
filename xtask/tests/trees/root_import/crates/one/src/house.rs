pub struct House;

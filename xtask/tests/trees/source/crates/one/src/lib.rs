mod broken;
mod gone;
